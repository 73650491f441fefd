// Cryptography for the two peers that bring none of their own (@owf/mdoc and
// @animo-id/mdoc): node:crypto, with keys and certificates parsed once, so that
// a measurement of the peers does not measure this file.

import { X509Certificate, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";

let keepsCertificates = true;

/** Whether certificates are remembered, or read and checked anew wherever a library asks. */
export function keepCertificates(wanted) {
  keepsCertificates = wanted;
}

/** Remember what `make` gave for a key: certificates and device keys come back often. */
function remembering(make, isWanted = () => true) {
  const known = new Map();
  return (input, key) => {
    if (!isWanted()) return make(input);
    if (!known.has(key)) {
      if (known.size > 1000) known.clear();
      known.set(key, make(input));
    }
    return known.get(key);
  };
}

const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const parsed = remembering((der) => new X509Certificate(der), () => keepsCertificates);
const certificate = (der) => parsed(der, base64(der));

const importedPrivate = remembering((jwk) => createPrivateKey({ key: jwk, format: "jwk" }));
const importedPublic = remembering((jwk) => createPublicKey({ key: jwk, format: "jwk" }));

/** The lines of a distinguished name that node:crypto prints, such as `C=CN`. */
function nameFields(name, field) {
  return name.split("\n").filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1));
}

/** Check each certificate against the next, the last one against a root, and all against `now`. */
function checkChain({ x5chain, roots, now }) {
  const chain = x5chain.map(certificate);
  const anchors = roots.map(certificate);
  const last = chain.at(-1);
  const anchor = anchors.find((root) => last.checkIssued(root) && last.verify(root.publicKey));
  if (anchor === undefined) throw new Error("no trusted root issued the certificate");
  chain.slice(1).forEach((issuer, index) => {
    if (!chain[index].checkIssued(issuer) || !chain[index].verify(issuer.publicKey)) {
      throw new Error("the certificate chain is broken");
    }
  });
  for (const { validFrom, validTo } of [...chain, anchor]) {
    if (now < new Date(validFrom) || now > new Date(validTo)) throw new Error("a certificate is outside its validity");
  }
}

const checkedUntil = new Map();

/** `checkChain`, not repeated within a minute: the measurements keep validated certificates warm. */
export function checkChainOnce({ x5chain, roots, now = new Date() }) {
  if (!keepsCertificates) return checkChain({ x5chain, roots, now });
  const key = [...x5chain, ...roots].map(base64).join(".");
  if (checkedUntil.get(key) > now) return;
  checkChain({ x5chain, roots, now });
  checkedUntil.set(key, new Date(now.getTime() + 60_000));
}

const exportedJwk = remembering(
  (bytes) => certificate(bytes).publicKey.export({ format: "jwk" }),
  () => keepsCertificates,
);

/** The public key of a certificate as a JWK with `alg`. */
export const publicJwk = (bytes, alg) => ({ ...exportedJwk(bytes, base64(bytes)), alg });

/** ES256 in the form of COSE and JOSE: r || s. */
export function signEs256(bytes, jwk) {
  return new Uint8Array(sign("sha256", bytes, { key: importedPrivate(jwk, jwk.d), dsaEncoding: "ieee-p1363" }));
}

/** Whether an ES256 signature fits; a signature of another length does not. */
export function verifyEs256(bytes, signature, { kty, crv, x, y }) {
  const key = importedPublic({ kty, crv, x, y }, `${x}.${y}`);
  return verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** SHA-256 and its kin by the name that an MSO gives them. */
export function digest({ digestAlgorithm, bytes }) {
  return new Uint8Array(createHash(digestAlgorithm.replace("-", "")).update(bytes).digest());
}

export const random = (length) => new Uint8Array(randomBytes(length));

/** The part of the two contexts that reads certificates; they name it alike. */
export const x509 = {
  getIssuerNameField: ({ certificate: der, field }) => nameFields(certificate(der).issuer, field),
  getCertificateData: ({ certificate: der }) => {
    const { issuer, subject, serialNumber, fingerprint256, validFrom, validTo } = certificate(der);
    return {
      issuerName: issuer,
      subjectName: subject,
      serialNumber,
      thumbprint: fingerprint256,
      notBefore: new Date(validFrom),
      notAfter: new Date(validTo),
      pem: certificate(der).toString(),
    };
  },
};

/** DER of a PEM certificate. */
export const der = (pem) => new Uint8Array(new X509Certificate(pem).raw);
