// From a signer's certificate to a root that we trust (ISO/IEC 18013-5, 9.3.3 and annex B). A
// root has path length 0, so a chain is the signer's certificate and nothing else; a root that
// is sent along adds no trust and is ignored.

import { countries, readCertificate, unfit } from "./certificate.js";
import { positive, readDer } from "./der.js";
import { owned, sameOctets } from "./octets.js";
import { PublicKey } from "./public-key.js";
import { VerificationError } from "./verification-error.js";

/** Extended key usage of a document signer (ISO/IEC 18013-5, B.1.4). */
export const DOCUMENT_SIGNING = "1.0.18013.5.1.2";
/** Extended key usage of a signer of status lists, until id-kp-oauthStatusSigning has a number. */
export const STATUS_SIGNING = "2.25.148121934558238607707454995298050055185";

const SEQUENCE = 0x30;
const INTEGER = 2;
const P256 = "1.2.840.10045.3.1.7";

/** @type {Readonly<Record<string, { name: string, octets: number }>>} */
const CURVES = {
  [P256]: { name: "P-256", octets: 32 },
  "1.3.132.0.34": { name: "P-384", octets: 48 },
  "1.3.132.0.35": { name: "P-521", octets: 66 },
};

/** @type {Readonly<Record<string, string>>} */
const HASHES = {
  "1.2.840.10045.4.3.2": "SHA-256",
  "1.2.840.10045.4.3.3": "SHA-384",
  "1.2.840.10045.4.3.4": "SHA-512",
};

/** @typedef {import("./certificate.js").Certificate} Certificate */

/**
 * @typedef {object} VouchedSigner  a signer for whom a trusted root vouches
 * @property {PublicKey} key
 * @property {string | null} country
 * @property {number} validFrom   milliseconds since 1970; of signer and root together
 * @property {number} validUntil
 * @property {ReadonlySet<string>} uris   addresses that its certificate names as its own
 * @property {ReadonlySet<string>} hosts
 */

/**
 * The signer of a chain, if a trusted root vouches for it at any time. Raises
 * `bad_signer_certificate`, `unknown_issuer`, or `signature_mismatch` where a trusted root is
 * named and did not sign.
 *
 * @param {readonly Uint8Array[]} chain    DER, the signer's own first
 * @param {readonly Uint8Array[]} anchors  roots in DER
 * @param {string} purpose
 * @returns {Promise<VouchedSigner>}
 */
export async function vouchedSigner(chain, anchors, purpose) {
  const own = chain.filter((each) => !anchors.some((anchor) => sameOctets(anchor, each)));
  const [only] = own;
  if (!only || own.length !== 1) throw unfit(`${own.length} certificates`);
  const signer = readCertificate(only);
  checkProfile(signer, purpose);
  const root = rootOf(signer, anchors.map(readCertificate));
  if (!(await signed(signer, root))) throw new VerificationError("signature_mismatch");
  return {
    key: keyOf(signer),
    country: countries(signer.subject)[0] ?? null,
    validFrom: Math.max(signer.notBefore, root.notBefore),
    validUntil: Math.min(signer.notAfter, root.notAfter),
    uris: signer.uris,
    hosts: signer.hosts,
  };
}

/**
 * Raise `signer_outside_validity` unless the signer's certificate holds at `now`.
 *
 * @param {VouchedSigner} signer
 * @param {number} now
 */
export function requireValidity(signer, now) {
  if (!(signer.validFrom <= now && now <= signer.validUntil)) {
    throw new VerificationError("signer_outside_validity");
  }
}

/**
 * Whether the signer's certificate names the issuer: its address, or its host under https.
 *
 * @param {VouchedSigner} signer
 * @param {string} issuer
 */
export function speaksFor({ uris, hosts }, issuer) {
  const [, host = ""] = /^https:\/\/(.+)$/s.exec(issuer) ?? [];
  return uris.has(issuer) || hosts.has(host);
}

/**
 * @param {Certificate} signer
 * @param {string} purpose
 */
function checkProfile(signer, purpose) {
  if (signer.hasUnknownCritical) throw unfit("unknown critical extension");
  if (!signer.digitalSignature) throw unfit("not for signatures");
  if (!signer.purposes.includes(purpose)) throw unfit("not for this purpose");
  if (signer.authority) throw unfit("is an authority");
  if (countries(signer.subject).join() !== countries(signer.issuer).join()) {
    throw unfit("country differs from its root's");
  }
}

/**
 * @param {Certificate} signer
 * @param {readonly Certificate[]} roots
 */
function rootOf(signer, roots) {
  const issuer = JSON.stringify(signer.issuer);
  const root = roots.find(
    (each) =>
      JSON.stringify(each.subject) === issuer &&
      (signer.issuerKeyIdentifier === null || each.keyIdentifier === signer.issuerKeyIdentifier),
  );
  if (!root) throw new VerificationError("unknown_issuer");
  return root;
}

/** @param {Certificate} signer */
function keyOf(signer) {
  try {
    if (signer.curve === P256) return new PublicKey(signer.point);
  } catch {
    // Told below.
  }
  throw unfit("key is not on P-256");
}

/**
 * @param {Certificate} signer
 * @param {Certificate} root
 */
async function signed(signer, root) {
  const curve = CURVES[root.curve];
  const hash = HASHES[signer.algorithm];
  if (!curve || !hash || !signer.algorithmsAgree) return false;
  const algorithm = { name: "ECDSA", namedCurve: curve.name, hash };
  try {
    const raw = rawSignature(signer.signature, curve.octets);
    const key = await crypto.subtle.importKey("raw", owned(root.point), algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, raw, owned(signer.signed));
  } catch (error) {
    if (error instanceof VerificationError || error instanceof DOMException) return false;
    throw error;
  }
}

/**
 * A certificate's signature as WebCrypto takes it: r and s, each of the curve's length.
 *
 * @param {Uint8Array} der
 * @param {number} octets
 */
function rawSignature(der, octets) {
  const numbers = readDer(der).children(SEQUENCE);
  const raw = new Uint8Array(2 * octets);
  if (numbers.length !== 2) throw new VerificationError("signature_mismatch");
  for (const [place, number] of numbers.entries()) {
    const content = positive(number.as(INTEGER));
    const digits = content[0] === 0 ? content.subarray(1) : content;
    if (digits.length > octets) throw new VerificationError("signature_mismatch");
    raw.set(digits, (place + 1) * octets - digits.length);
  }
  return raw;
}
