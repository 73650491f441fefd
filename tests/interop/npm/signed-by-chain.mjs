// A JWS whose signer is named by x5c, verified with jose.

import { X509Certificate } from "node:crypto";
import { compactVerify, decodeProtectedHeader, importX509, jwtVerify } from "jose";

/** The signer's certificate, which came along; whether it is to be trusted is the caller's to say. */
function signerOf(compact) {
  const { x5c } = decodeProtectedHeader(compact);
  return new X509Certificate(Buffer.from(x5c[0], "base64"));
}

/** Verify the signature alone; returns the public JWK that made it. */
export async function signatureBy(compact) {
  const certificate = signerOf(compact);
  await compactVerify(compact, await importX509(certificate.toString(), "ES256"));
  return certificate.publicKey.export({ format: "jwk" });
}

/** Verify the chain up to a root as well, with type and times; returns header and claims. */
export async function verifiedUnder(root, compact, { typ, subject }) {
  const certificate = signerOf(compact);
  const trusted = new X509Certificate(root);
  if (!certificate.checkIssued(trusted) || !certificate.verify(trusted.publicKey)) {
    throw new Error("the certificate is not of the trusted root");
  }
  const key = await importX509(certificate.toString(), "ES256");
  const { payload, protectedHeader } = await jwtVerify(compact, key, {
    algorithms: ["ES256"],
    typ,
    subject,
    requiredClaims: ["iat", "exp"],
  });
  return { header: protectedHeader, claims: payload };
}
