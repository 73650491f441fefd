// Checking an mdoc that someone presents (ISO/IEC 18013-5 section 9.3, OpenID4VP 1.0), with the
// numbered steps of the service. Pure: time, trust anchors, the session transcript and the way
// to ask for a status are arguments. Nothing is raised for what was received; it all comes out
// in the verdict.

import { deviceAuthentication, MDL_NAMESPACE, parseMdoc } from "./mdoc.js";
import { owned, sameOctets } from "./octets.js";
import { failed, passed, PROFILES, Step, unchecked, Verdict } from "./verdict.js";
import { codeOf, entitled, publishedStatus, trustedSigner, within } from "./verify-steps.js";

/** @typedef {import("./mdoc.js").Presented} Presented */
/** @typedef {import("./mdoc.js").IssuerSigned} IssuerSigned */
/** @typedef {import("./mdoc.js").StatusReference} StatusReference */
/** @typedef {import("./verdict.js").Check} Check */
/** @typedef {ReadonlyMap<string, ReadonlyMap<string, unknown>>} Elements */
/** @typedef {{ docType: string, elements: Readonly<Record<string, readonly string[]>> }} Asked */

/**
 * @typedef {object} Given  what a check of an mdoc goes by
 * @property {number} now  milliseconds since 1970
 * @property {import("./verify-steps.js").TrustAnchors} trust
 * @property {Uint8Array | null} transcript  the encoded SessionTranscript; null without a session
 * @property {import("./verify-steps.js").StatusCheck | null} [status]
 * @property {Asked | null} [asked]
 * @property {readonly number[]} [profile]
 */

/**
 * @typedef {object} CheckedMdoc
 * @property {Verdict} verdict
 * @property {string | null} docType
 * @property {StatusReference | null} status
 * @property {Uint8Array | null} deviceKey
 * @property {Elements} elements  what was disclosed; empty unless steps 1 to 4 have passed
 */

/**
 * Check one presented mdoc: a DeviceResponse, or a bare IssuerSigned.
 *
 * @param {Uint8Array} received
 * @param {Given} given
 * @returns {Promise<CheckedMdoc>}
 */
export async function verifyMdoc(received, given) {
  const { now, trust, transcript, status = null, asked = null, profile = PROFILES.FILE } = given;

  // 1. Decode within bounds, into one document.
  const document = decode(received);
  if (!document) return unknown([failed(Step.DECODE, "unknown_format")], profile);
  const decoded = passed(Step.DECODE);
  const { mso } = document.issued;

  // 2. Trust chain at `now`.
  const { signer, check: chain } = await mdocSigner(document.issued, now, trust);
  if (!signer) return unknown([decoded, chain], profile);

  // 3. The issuer's signature; only then the MSO says anything.
  const signature = await issuerSignature(document, signer);
  if (signature.status !== "passed") return unknown([decoded, chain, signature], profile);

  // 4. Digests of what was disclosed; only then an element says anything.
  const digests = await digestsOf(document.issued);
  const elements = digests.status === "passed" ? elementsOf(document.issued) : new Map();
  // (2, now that MSO and elements are known: was the signer entitled to them?)
  const country = elements.get(MDL_NAMESPACE)?.get("issuing_country");
  const entitlement = chain.status === "passed" ? entitled(signer, mso.signed, country) : chain;

  // 5. Validity at `now`.
  const validity = within(mso.validFrom, mso.validUntil, now);

  // 6. Holder binding to this session.
  const holder = await holderOf(document, transcript);

  // 7. Published status.
  const published = await publishedStatus(mso.status, status, mso.unknownStatus);

  // 8. What was asked is what was given.
  const request = matches(asked, mso.docType, elements);

  const checks = [decoded, entitlement, signature, digests, validity, holder, published.check, request];
  const verdict = new Verdict(checks, profile, published.confirmedAt);
  return { verdict, docType: mso.docType, status: mso.status, deviceKey: mso.deviceKey.point, elements };
}

/**
 * @param {Check[]} checks
 * @param {readonly number[]} profile
 * @returns {CheckedMdoc}
 */
function unknown(checks, profile) {
  const verdict = new Verdict(checks, profile);
  return { verdict, docType: null, status: null, deviceKey: null, elements: new Map() };
}

/** @param {Uint8Array} received */
function decode(received) {
  try {
    return parseMdoc(received);
  } catch (error) {
    codeOf(error);
    return null;
  }
}

/**
 * @param {IssuerSigned} issued
 * @param {number} now
 * @param {import("./verify-steps.js").TrustAnchors} trust
 */
async function mdocSigner(issued, now, trust) {
  try {
    return await trustedSigner(issued.issuerAuth.certificates(), now, trust);
  } catch (error) {
    return { signer: null, check: failed(Step.TRUST_CHAIN, codeOf(error)) };
  }
}

/**
 * @param {Presented} document
 * @param {import("./chain.js").VouchedSigner} signer
 */
async function issuerSignature({ issued, docType }, signer) {
  const step = Step.ISSUER_SIGNATURE;
  try {
    await issued.issuerAuth.verify(signer.key);
  } catch (error) {
    return failed(step, codeOf(error));
  }
  if (docType !== null && docType !== issued.mso.docType) return failed(step, "issuer_data_mismatch");
  return passed(step);
}

/** @param {IssuerSigned} issued */
async function digestsOf({ nameSpaces, mso }) {
  const step = Step.DIGESTS;
  if (!nameSpaces.size) return unchecked(step, "nothing_disclosed");
  for (const [namespace, items] of nameSpaces) {
    for (const { digestId, octets } of items.values()) {
      const expected = mso.valueDigests.get(namespace)?.get(digestId);
      const digest = new Uint8Array(await crypto.subtle.digest(mso.digestAlgorithm, owned(octets)));
      if (!(expected instanceof Uint8Array) || !sameOctets(expected, digest)) {
        return failed(step, "digest_mismatch");
      }
    }
  }
  return passed(step);
}

/**
 * @param {IssuerSigned} issued
 * @returns {Elements}
 */
function elementsOf({ nameSpaces }) {
  return new Map(
    Array.from(nameSpaces, ([namespace, items]) => [
      namespace,
      new Map(Array.from(items, ([element, { value }]) => [element, value])),
    ]),
  );
}

/**
 * @param {Presented} document
 * @param {Uint8Array | null} transcript
 */
async function holderOf({ device, issued }, transcript) {
  const step = Step.HOLDER_BINDING;
  // A device MAC needs the reader's ephemeral key (section 9.1.3.5); it is not read.
  if (!device?.signature || !transcript) return unchecked(step, "holder_not_shown");
  try {
    const signed = deviceAuthentication(transcript, issued.mso.docType, device.nameSpaces);
    await device.signature.verify(issued.mso.deviceKey, signed);
    return passed(step);
  } catch (error) {
    const code = codeOf(error);
    return failed(step, code === "signature_mismatch" ? "holder_signature_mismatch" : code);
  }
}

/**
 * @param {Asked | null} asked
 * @param {string} docType
 * @param {Elements} elements
 */
function matches(asked, docType, elements) {
  const step = Step.REQUEST_MATCH;
  if (!asked) return unchecked(step);
  const wanted = new Set(pairs(Object.entries(asked.elements)));
  const given = new Set(pairs(Array.from(elements, ([namespace, of]) => [namespace, [...of.keys()]])));
  const alike = wanted.size === given.size && [...wanted].every((pair) => given.has(pair));
  if (docType !== asked.docType || !alike) return failed(step, "answer_differs_from_request");
  return passed(step);
}

/** @param {(readonly [string, readonly string[]])[]} byNamespace */
function pairs(byNamespace) {
  return byNamespace.flatMap(([namespace, names]) => names.map((name) => JSON.stringify([namespace, name])));
}
