// @owf/mdoc: the same operations over a context that brings cryptography.
//
// It computes the OpenID4VP session transcript itself from the request's values,
// so an agreement with it is an agreement about the transcript too. It encodes
// each disclosed item anew before it hashes it: what is not in the shortest form
// of CBOR does not survive it.

import {
  CoseKey, DateOnly, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Issuer, IssuerSigned, ItemsRequest,
  SessionTranscript, SignatureAlgorithm, Verifier,
} from "@owf/mdoc";
import { checkChainOnce, der, digest, publicJwk, random, signEs256, verifyEs256, x509 } from "./context.mjs";
import { installedVersion, plain } from "./stdio.mjs";

export const name = "@owf/mdoc";
export const version = installedVersion(name);

const context = {
  crypto: { random, digest },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => signEs256(toBeSigned, key.jwk),
      verify: ({ sign1, key }) => verifyEs256(sign1.toBeSigned, sign1.signature, key.jwk),
    },
  },
  x509: {
    ...x509,
    getPublicKey: ({ certificate, alg }) => CoseKey.fromJwk(publicJwk(certificate, alg)),
    verifyCertificateChain: ({ trustedCertificates, x5chain, now }) =>
      checkChainOnce({ roots: trustedCertificates, x5chain, now }),
  },
};

/** The transcript of OpenID4VP 1.0, B.2.6.1, for an answer that is not encrypted. */
const sessionTranscript = ({ clientId, nonce, responseUri }) =>
  SessionTranscript.forOid4Vp({ clientId, nonce, responseUri, jwkThumbprint: null }, context);

function deviceRequest(docType, elements) {
  const nameSpaces = new Map();
  for (const [nameSpace, id] of elements) {
    nameSpaces.set(nameSpace, (nameSpaces.get(nameSpace) ?? new Map()).set(id, false));
  }
  const itemsRequest = ItemsRequest.create({ docType, namespaces: nameSpaces });
  return DeviceRequest.create({ docRequests: [DocRequest.create({ itemsRequest })] });
}

/** The DeviceResponse of a holder who shows `elements`, with a device signature. */
export async function present({ issuerSigned, docType, deviceKeyJwk, session, elements }) {
  const response = await DeviceResponse.create(
    {
      deviceRequest: deviceRequest(docType, elements),
      issuerSigned: [IssuerSigned.decode(issuerSigned)],
      sessionTranscript: await sessionTranscript(session),
      signature: { signingKey: CoseKey.fromJwk({ ...deviceKeyJwk, alg: "ES256" }) },
    },
    context,
  );
  return response.encode();
}

/** A verifier of one session with warm roots; what it returns is verified, else it throws. */
export function verifier({ session, roots, now }) {
  const trustedCertificates = roots.map(der);
  const made = sessionTranscript(session);
  return async (encoded) => {
    const deviceResponse = DeviceResponse.decode(encoded);
    const sessionTranscript = await made;
    await Verifier.verifyDeviceResponse({ deviceResponse, sessionTranscript, trustedCertificates, now }, context);
    return deviceResponse;
  };
}

/** The verified values by name space and identifier, as JSON. */
export function elements({ documents: [{ issuerSigned }] }) {
  const nameSpaces = [...issuerSigned.issuerNamespaces.issuerNamespaces.keys()];
  return plain(Object.fromEntries(nameSpaces.map((ns) => [ns, issuerSigned.getPrettyClaims(ns)])));
}

/** A full-date as this library's issuer takes it. */
export const fullDate = (text) => new DateOnly(text);

/** An issuer with warm keys, which issues one mdoc at each call. */
export function issuer({ issuerKeyJwk, certificate, deviceKeyJwk, nameSpaces, docType, validity }) {
  const chain = [der(certificate)];
  const signingKey = CoseKey.fromJwk({ ...issuerKeyJwk, alg: "ES256" });
  const deviceKey = DeviceKey.fromJwk(deviceKeyJwk);
  return async () => {
    const builder = new Issuer(docType, context);
    for (const [nameSpace, values] of Object.entries(nameSpaces)) builder.addIssuerNamespace(nameSpace, values);
    const signed = await builder.sign({
      signingKey,
      algorithm: SignatureAlgorithm.ES256,
      digestAlgorithm: "SHA-256",
      certificates: chain,
      validityInfo: validity,
      deviceKeyInfo: { deviceKey },
    });
    return signed.encode();
  };
}
