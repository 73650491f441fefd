// A wallet that speaks to the credential endpoints in JWE, with jose alone: it trusts the issuer's
// key because the metadata that name it are signed under the root.
//
// stdin:  {"issuer", "root": PEM, "language"?, "enc"?, "accessToken"?, "configuration"?, "transactionId"?}
// stdout: {"header", "claims"} of the signed metadata alone, without an access token;
//         {"status", "encrypted": header of the answer's JWE | null, "answer"} with one

import { generateKeyPairSync } from "node:crypto";
import { CompactEncrypt, SignJWT, compactDecrypt, importJWK } from "jose";
import { readInput } from "./stdio.mjs";
import { verifiedUnder } from "./signed-by-chain.mjs";

const given = await readInput();
const { issuer, root, language, enc = "A128GCM", accessToken, configuration, transactionId } = given;

/** The issuer's metadata, signed; how they were asked for and what came. */
async function metadata() {
  const headers = { Accept: "application/jwt", ...(language && { "Accept-Language": language }) };
  const reply = await fetch(`${issuer}/.well-known/openid-credential-issuer`, { headers });
  const type = reply.headers.get("content-type");
  if (type !== "application/jwt") throw new Error(`the metadata came as ${type}`);
  const typ = "openidvci-issuer-metadata+jwt";
  const verified = await verifiedUnder(root, await reply.text(), { typ, subject: issuer });
  return { ...verified, contentLanguage: reply.headers.get("content-language") };
}

/** A key pair of the wallet, the private half for jose and the public one as a JWK. */
function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, jwk: publicKey.export({ format: "jwk" }) };
}

/** What a request for a copy says, with a proof of a fresh key. */
async function asked({ nonce_endpoint }) {
  const { c_nonce: nonce } = await (await fetch(nonce_endpoint, { method: "POST" })).json();
  const { privateKey, jwk } = keyPair();
  const proof = await new SignJWT({ nonce })
    .setProtectedHeader({ alg: "ES256", typ: "openid4vci-proof+jwt", jwk })
    .setAudience(issuer)
    .setIssuedAt()
    .sign(privateKey);
  return { credential_configuration_id: configuration, proofs: { jwt: [proof] } };
}

async function exchange({ claims }) {
  const { credential_request_encryption: offered } = claims;
  const [to] = offered.jwks.keys;
  const own = keyPair();
  const message = {
    ...(transactionId ? { transaction_id: transactionId } : await asked(claims)),
    credential_response_encryption: { jwk: { ...own.jwk, alg: "ECDH-ES", use: "enc", kid: "of the wallet" }, enc },
  };
  const body = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(message)))
    .setProtectedHeader({ alg: to.alg, enc, kid: to.kid })
    .encrypt(await importJWK(to, to.alg));
  const url = transactionId ? claims.deferred_credential_endpoint : claims.credential_endpoint;
  const headers = { "Content-Type": "application/jwt", Authorization: `Bearer ${accessToken}` };
  const reply = await fetch(url, { method: "POST", headers, body });
  if (reply.headers.get("content-type") !== "application/jwt") {
    return { status: reply.status, encrypted: null, answer: await reply.json() };
  }
  const opened = await compactDecrypt(await reply.text(), own.privateKey, {
    keyManagementAlgorithms: ["ECDH-ES"],
    contentEncryptionAlgorithms: [enc],
  });
  const answer = JSON.parse(new TextDecoder().decode(opened.plaintext));
  return { status: reply.status, encrypted: opened.protectedHeader, answer };
}

try {
  const known = await metadata();
  console.log(JSON.stringify(accessToken ? await exchange(known) : known));
} catch (error) {
  console.error(JSON.stringify({ name: error.constructor.name, message: error.message }));
  process.exitCode = 1;
}
