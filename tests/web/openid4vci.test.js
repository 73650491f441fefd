import assert from "node:assert/strict";
import { test } from "node:test";

import { outcome, proof, wellKnown } from "../../src/jiazhao/web/wallet/openid4vci.js";
import { publicJwk, thumbprint } from "../../src/jiazhao/web/wallet/vault.js";

test("well-known addresses stand between the host and the path", () => {
  const document = "openid-credential-issuer";
  assert.equal(
    wellKnown("http://localhost:8000", document),
    "http://localhost:8000/.well-known/openid-credential-issuer",
  );
  assert.equal(
    wellKnown("https://a.example/tenant", document),
    "https://a.example/.well-known/openid-credential-issuer/tenant",
  );
});

test("the proof is a JWT of the standard's type, signed by the key in its header", async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const es256 = { name: "ECDSA", hash: "SHA-256" };
  const key = {
    jwk: await publicJwk(pair),
    sign: async (/** @type {Uint8Array<ArrayBuffer>} */ bytes) =>
      new Uint8Array(await crypto.subtle.sign(es256, pair.privateKey, bytes)),
  };

  const jwt = await proof(key, { audience: "http://localhost:8000", nonce: "n", now: 1795500000.9 });

  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const read = (/** @type {string} */ part) => JSON.parse(Buffer.from(part, "base64url").toString());
  assert.deepEqual(read(header), { typ: "openid4vci-proof+jwt", alg: "ES256", jwk: key.jwk });
  assert.deepEqual(Object.keys(key.jwk), ["kty", "crv", "x", "y"]);
  assert.deepEqual(read(payload), { aud: "http://localhost:8000", iat: 1795500000, nonce: "n" });
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  assert.ok(await crypto.subtle.verify(es256, pair.publicKey, Buffer.from(signature, "base64url"), signed));
});

test("an answer holds a copy, or says when to ask again; anything else is a problem", () => {
  const held = {
    issuer: "",
    asked: {},
    transactionId: "",
    accessToken: "a",
    refreshToken: "r",
    renewAt: 7,
    askAt: 0,
    over: false,
  };
  assert.deepEqual(outcome({ credentials: [{ credential: "AQI" }] }, held, 100), {
    credential: new Uint8Array([1, 2]),
    tokens: { issuer: "", accessToken: "a", refreshToken: "r", renewAt: 7 },
  });
  assert.deepEqual(outcome({ transaction_id: "t", interval: 300 }, held, 100), {
    waiting: { ...held, transactionId: "t", askAt: 400 },
  });
  for (const answer of [null, {}, { credentials: [] }, { transaction_id: "t" }, { transaction_id: "t", interval: 0 }]) {
    assert.throws(() => outcome(answer, held, 100), { code: "no_credential" });
  }
});

test("a key's thumbprint does not depend on the order of its members (RFC 7638)", async () => {
  // The P-256 key of RFC 7515, appendix A.3; its thumbprint was computed with joserfc.
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  };
  const { y, x, crv, kty } = jwk;
  assert.equal(await thumbprint(jwk), THUMBPRINT);
  assert.equal(await thumbprint({ y, x, crv, kty }), THUMBPRINT);
});

const THUMBPRINT = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
