// @animo-id/mdoc: the same operations over a context that brings cryptography.
//
// Like @auth0/mdl it takes the session transcript as #6.24(bstr).

import { DataItem, DateOnly, DeviceResponse, Document, MDoc, Verifier, cborEncode, parseIssuerSigned } from "@animo-id/mdoc";
import { checkChainOnce, der, digest, publicJwk, random, signEs256, verifyEs256, x509 } from "./context.mjs";
import { installedVersion, plain } from "./stdio.mjs";

export const name = "@animo-id/mdoc";
export const version = installedVersion(name);

const context = {
  crypto: { random, digest },
  cose: {
    sign1: {
      sign: ({ sign1, jwk }) => signEs256(sign1.getRawSigningData().data, jwk),
      verify: ({ sign1, jwk, options }) => {
        const { data, signature } = sign1.getRawVerificationData(options);
        return verifyEs256(data, signature, jwk);
      },
    },
  },
  x509: {
    ...x509,
    getPublicKey: ({ certificate, alg }) => publicJwk(certificate, alg),
    validateCertificateChain: ({ trustedCertificates, x5chain }) => checkChainOnce({ roots: trustedCertificates, x5chain }),
  },
};

const transcriptBytes = (transcript) => cborEncode(new DataItem({ buffer: transcript }));

/** The DeviceResponse of a holder who shows `elements`, with a device signature. */
export async function present({ issuerSigned, docType, deviceKeyJwk, transcript, elements }) {
  const fields = elements.map(([nameSpace, id]) => ({ path: [`$['${nameSpace}']['${id}']`], intent_to_retain: false }));
  const constraints = { limit_disclosure: "required", fields };
  const format = { mso_mdoc: { alg: ["ES256"] } };
  const response = await DeviceResponse.from(new MDoc([parseIssuerSigned(issuerSigned, docType)]))
    .usingPresentationDefinition({ id: "interop", input_descriptors: [{ id: docType, format, constraints }] })
    .usingSessionTranscriptBytes(transcriptBytes(transcript))
    .authenticateWithSignature(deviceKeyJwk, "ES256")
    .sign(context);
  return response.encode();
}

/** A verifier of one session with warm roots; what it returns is verified, else it throws. */
export function verifier({ transcript, roots, now }) {
  const library = new Verifier();
  const trustedCertificates = roots.map(der);
  const encodedSessionTranscript = transcriptBytes(transcript);
  return (encodedDeviceResponse) =>
    library.verifyDeviceResponse({ encodedDeviceResponse, encodedSessionTranscript, trustedCertificates, now }, context);
}

/** The verified values by name space and identifier, as JSON. */
export const elements = ({ documents: [document] }) => plain(document.allIssuerSignedNamespaces);

/** A full-date as this library's issuer takes it. */
export const fullDate = (text) => new DateOnly(text);

/** An issuer with warm keys, which issues one mdoc at each call. */
export function issuer({ issuerKeyJwk, certificate, deviceKeyJwk, nameSpaces, docType, validity }) {
  const chain = der(certificate);
  return async () => {
    const document = new Document(docType, context).useDigestAlgorithm("SHA-256");
    for (const [nameSpace, values] of Object.entries(nameSpaces)) document.addIssuerNameSpace(nameSpace, values);
    document.addValidityInfo(validity).addDeviceKeyInfo({ deviceKey: deviceKeyJwk });
    const signed = await document.sign({ issuerPrivateKey: issuerKeyJwk, issuerCertificate: chain, alg: "ES256" }, context);
    return new MDoc([signed]).encode();
  };
}
