// @auth0/mdl: issues, presents and verifies mdocs with cryptography of its own.
//
// It takes the session transcript as #6.24(bstr), gives data elements away by a
// presentation definition, and reads the machine's clock: no instant can be passed in.

import { DataItem, DeviceResponse, Document, MDoc, Verifier, parse } from "@auth0/mdl";
import { installedVersion, plain } from "./stdio.mjs";

export const name = "@auth0/mdl";
export const version = installedVersion(name);

const embedded = (bytes) => new DataItem({ buffer: bytes });
const encode = (value) => DataItem.fromData(value).buffer;
const decode = (bytes) => embedded(bytes).data;

/** The parsed credential; the library knows no bare IssuerSigned, so it gets an envelope. */
function parseCredential(issuerSigned, docType) {
  const document = new Map([["docType", docType], ["issuerSigned", decode(issuerSigned)]]);
  return parse(encode(new Map([["version", "1.0"], ["documents", [document]], ["status", 0]])));
}

function presentationDefinition(docType, elements) {
  const fields = elements.map(([nameSpace, id]) => ({ path: [`$['${nameSpace}']['${id}']`], intent_to_retain: false }));
  const constraints = { limit_disclosure: "required", fields };
  return { id: "interop", input_descriptors: [{ id: docType, format: { mso_mdoc: { alg: ["ES256"] } }, constraints }] };
}

/** The DeviceResponse of a holder who shows `elements`, with a device signature. */
export async function present({ issuerSigned, docType, deviceKeyJwk, transcript, elements }) {
  const response = await DeviceResponse.from(parseCredential(issuerSigned, docType))
    .usingPresentationDefinition(presentationDefinition(docType, elements))
    .usingSessionTranscriptBytes(encode(embedded(transcript)))
    // Without a kid the library writes CBOR's `undefined` into the header, which is no COSE header.
    .authenticateWithSignature({ ...deviceKeyJwk, kid: "device" }, "ES256")
    .sign();
  return response.encode();
}

/** A verifier of one session with warm roots; what it returns is verified, else it throws. */
export function verifier({ transcript, roots }) {
  const library = new Verifier(roots);
  const encodedSessionTranscript = encode(embedded(transcript));
  return (deviceResponse) => library.verify(deviceResponse, { encodedSessionTranscript });
}

/** The verified values by name space and identifier, as JSON. */
export function elements({ documents: [document] }) {
  return plain(Object.fromEntries(document.issuerSignedNameSpaces.map((ns) => [ns, document.getIssuerNameSpace(ns)])));
}

/** A full-date as this library's issuer takes it: it makes dates of the texts itself. */
export const fullDate = (text) => text;

/** An issuer with warm keys, which issues one mdoc at each call. */
export function issuer({ issuerKeyJwk, certificate, deviceKeyJwk, nameSpaces, docType, validity }) {
  return async () => {
    const document = new Document(docType).useDigestAlgorithm("SHA-256");
    for (const [nameSpace, values] of Object.entries(nameSpaces)) document.addIssuerNameSpace(nameSpace, { ...values });
    document.addValidityInfo(validity).addDeviceKeyInfo({ deviceKey: deviceKeyJwk });
    const signed = await document.sign({ issuerPrivateKey: issuerKeyJwk, issuerCertificate: certificate, alg: "ES256" });
    return new MDoc([signed]).encode();
  };
}
