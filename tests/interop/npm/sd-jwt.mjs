// @sd-jwt/sd-jwt-vc over many presentations, with node:crypto behind its callbacks.
//
// stdin:  {"root": PEM, "now": seconds, "nonce", "statusLists": {address: Status List Token},
//          "verify": {name: SD-JWT+KB}}
// stdout: {"version", "verified": {name: {"accepted": true, "claims"} | {"accepted": false, "reason"}}}

import { X509Certificate, createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { installedVersion, readInput } from "./stdio.mjs";

const { root, now, nonce, statusLists, verify } = await readInput();
const trusted = new X509Certificate(root);

/** ES256 over the first two parts of a JWT, which the library hands over as one text. */
function es256(key, signed, signature) {
  const raw = Buffer.from(signature, "base64url");
  return verifySignature("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }, raw);
}

/** The key of a JWT's signer; a chain is the caller's to check. */
function issuerKey(signed) {
  const header = JSON.parse(Buffer.from(signed.split(".")[0], "base64url").toString());
  const signer = new X509Certificate(Buffer.from(header.x5c[0], "base64"));
  if (!signer.checkIssued(trusted) || !signer.verify(trusted.publicKey)) {
    throw new Error("the certificate is not of the trusted root");
  }
  return signer.publicKey;
}

const library = new SDJwtVcInstance({
  hasher: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
  verifier: (signed, signature) => es256(issuerKey(signed), signed, signature),
  kbVerifier: (signed, signature, payload) =>
    es256(createPublicKey({ key: payload.cnf.jwk, format: "jwk" }), signed, signature),
  statusListFetcher: async (uri) => statusLists[uri],
  statusVerifier: (signed, signature) => es256(issuerKey(signed), signed, signature),
});

async function judged(presented) {
  await library.verify(presented, { currentDate: now, keyBindingNonce: nonce });
  return { accepted: true, claims: await library.getClaims(presented) };
}

const verified = {};
for (const [name, presented] of Object.entries(verify)) {
  // A refusal is an answer here, whatever the library throws.
  verified[name] = await judged(presented).catch((error) => ({ accepted: false, reason: error.message }));
}
console.log(JSON.stringify({ version: installedVersion("@sd-jwt/sd-jwt-vc"), verified }));
