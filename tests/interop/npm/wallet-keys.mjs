// The keys of a wallet and what @openid4vc/openid4vci signs with them: P-256 and node:crypto
// behind the library's callbacks.

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { setGlobalConfig } from "@openid4vc/oauth2";
import { signatureBy } from "./signed-by-chain.mjs";

// The demo stands on http://localhost; the library wants https unless told so.
setGlobalConfig({ allowInsecureUrls: true });

const base64url = (value) => Buffer.from(value).toString("base64url");

/** A fresh P-256 key as a private JWK. */
export function newKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
}

/** The public part of a JWK. */
export const publicOf = ({ kty, crv, x, y }) => ({ kty, crv, x, y });

/** How the library names a key. */
export const signer = (key) => ({ method: "jwk", alg: "ES256", publicJwk: publicOf(key) });

/** ES256 over the compact form; the library decides header and payload. */
export function signJwt(key, { header, payload }) {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  const privateKey = createPrivateKey({ key, format: "jwk" });
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return { jwt: `${signed}.${base64url(signature)}`, signerJwk: publicOf(key) };
}

/** Version 0.4.6 takes signed metadata and does not ask for them, so that is done here. */
function asking(url, options = {}) {
  const isMetadata = new URL(url).pathname.startsWith("/.well-known/openid-credential-issuer");
  return fetch(url, isMetadata ? { ...options, headers: { Accept: "application/jwt" } } : options);
}

/** Callbacks that sign with whichever of `keys` the library names. */
export function callbacks(keys, clientAuthentication) {
  return {
    fetch: asking,
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    signJwt: ({ publicJwk }, jwt) => signJwt(keys.find(({ x }) => x === publicJwk.x), jwt),
    // The issuer's metadata, which come signed to a wallet that can verify them.
    verifyJwt: async (_signer, { compact }) => ({ verified: true, signerJwk: await signatureBy(compact) }),
    clientAuthentication,
  };
}
