// The wallet before an issuer that asks who vouches for it and for its keys (HAIP 1.0). The issuer and
// the wallet provider here are made up, and verify what they are sent.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { proofKey } from "../../src/jiazhao/web/wallet/jwt.js";
import { askAgain, comeBack, takeCredential } from "../../src/jiazhao/web/wallet/openid4vci.js";
import { makeKeyPair } from "../../src/jiazhao/web/wallet/vault.js";
import { Vouching, isUnvouched, proofsAskedBy } from "../../src/jiazhao/web/wallet/vouching.js";

const ORIGIN = "https://wallet.example";
const NOW = 1_795_500_000;
const DAY = 86_400;
const SOFTWARE = "urn:jiazhao:key-storage:browser-software";
const ASKED = { key_attestations_required: { key_storage: [SOFTWARE] } };
const STRICT = { jwt: ASKED, attestation: ASKED };
const OFFER = /** @type {any} */ ({
  credential_issuer: ORIGIN,
  credential_configuration_ids: ["mdl"],
  grants: { "urn:ietf:params:oauth:grant-type:pre-authorized_code": { "pre-authorized_code": "once", tx_code: {} } },
});
const TOKENS = { issuer: ORIGIN, accessToken: "", refreshToken: "r", renewAt: 0 };

/** @typedef {{ path: string, headers: Record<string, string>, body: any }} Asked */

class Town {
  /** @type {Asked[]} */
  asked = [];
  methods = ["attest_jwt_client_auth"];
  /** @type {any} */
  proofTypes = STRICT;
  signedIn = true;
  now = NOW;
  said = 0;
  /** What the provider said that counts no more. @type {string[]} */
  withdrawn = [];
  deferred = { status: 200, said: /** @type {any} */ ({ transaction_id: "t", interval: 300 }) };
  /** What the token endpoint says first. @type {{ error: string, challenge?: string }[]} */
  refusals = [];

  /** @param {string} path @param {any} init */
  async answer(path, init) {
    const body = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : init.body && JSON.parse(init.body);
    this.asked.push({ path, headers: init.headers, body });
    const [status, said, headers] = await this.#door(path, body);
    return new Response(JSON.stringify(said), { status, headers: { "content-type": "application/json", ...headers } });
  }

  /** @param {string} path @param {any} body @returns {Promise<[number, any, Record<string, string>?]>} */
  async #door(path, body) {
    switch (path) {
      case "/.well-known/openid-credential-issuer":
        return [200, this.#issuer()];
      case "/.well-known/oauth-authorization-server":
        return [200, { issuer: ORIGIN, token_endpoint: `${ORIGIN}/token`, challenge_endpoint: `${ORIGIN}/challenge`, token_endpoint_auth_methods_supported: this.methods }];
      case "/nonce":
        return [200, { c_nonce: "c nonce" }, { "dpop-nonce": "d nonce" }];
      case "/challenge":
        return [200, { attestation_challenge: "first challenge" }];
      case "/token":
        return this.#token();
      case "/deferred":
        return [this.deferred.status, this.deferred.said];
      case "/credential":
        return [200, { credentials: Array.from({ length: 10 }, () => ({ credential: "AQI" })) }];
      case "/wallet-provider/client-attestations":
        return this.signedIn ? this.#vouched() : [401, { code: "not_signed_in", zh: "未登录", en: "not signed in" }];
      case "/wallet-provider/client-attestations/renewal":
        return this.#knows(body) ? this.#vouched() : REFUSED;
      case "/wallet-provider/key-attestations":
        return this.#knows(body) ? [200, { key_attestation: "of keys", expires_at: "" }] : REFUSED;
    }
    throw new Error(path);
  }

  #issuer() {
    const one = { format: "mso_mdoc", proof_types_supported: this.proofTypes };
    return {
      nonce_endpoint: `${ORIGIN}/nonce`,
      credential_endpoint: `${ORIGIN}/credential`,
      deferred_credential_endpoint: `${ORIGIN}/deferred`,
      batch_credential_issuance: { batch_size: 3 },
      credential_configurations_supported: { mdl: one, code: { ...one, format: "jiazhao-licence-code" } },
    };
  }

  /** @returns {[number, any, Record<string, string>?]} */
  #token() {
    const refusal = this.refusals.shift();
    if (refusal === undefined) return [200, { access_token: "a", refresh_token: "r", expires_in: 300 }];
    const { error, challenge } = refusal;
    return [401, { error }, challenge ? { "oauth-client-attestation-challenge": challenge } : {}];
  }

  /** @returns {[number, any]} */
  #vouched() {
    this.said += 1;
    const expires = new Date((this.now + DAY) * 1000).toISOString();
    return [200, { client_attestation: `said ${this.said}`, client_id: ORIGIN, expires_at: expires }];
  }

  /** @param {any} body */
  #knows({ client_attestation: said }) {
    return said === `said ${this.said}` && !this.withdrawn.includes(said);
  }

  /** What was asked at one door. @param {string} path */
  at(path) {
    return this.asked.filter((one) => one.path === path);
  }
}

/** @type {[number, any]} */
const REFUSED = [422, { code: "not_vouched_for", zh: "不出具", en: "not vouched for" }];

/** @type {Town} */
let town;
/** @type {import("../../src/jiazhao/web/wallet/vault.js").Vouched | null} */
let kept;

beforeEach(() => {
  town = new Town();
  kept = null;
  const page = /** @type {any} */ (globalThis);
  page.isSecureContext = true;
  page.navigator ??= {};
  page.location = { origin: ORIGIN };
  page.fetch = (/** @type {string} */ path, /** @type {any} */ init) => town.answer(path, init);
});

const SAFE = {
  recall: async () => kept,
  keep: async (/** @type {any} */ vouched) => {
    kept = vouched;
  },
};
const vouching = () => new Vouching(SAFE, town.now);
const keys = async (/** @type {number} */ count) =>
  Promise.all((await Promise.all(Array.from({ length: count }, makeKeyPair))).map(proofKey));

async function claim() {
  const [key] = await keys(1);
  assert.ok(key);
  const cancel = new AbortController().signal;
  const outcome = await takeCredential(OFFER, "123456", key, { now: town.now, vouching: vouching(), cancel });
  return { key, outcome };
}

/** @param {Partial<{ format: string, count: number }>} [wanted] */
async function refill({ format = "mso_mdoc", count = 3 } = {}) {
  const [device] = await keys(1);
  assert.ok(device);
  const made = await keys(count);
  /** @type {string[]} */
  const taken = [];
  const wish = { format, keys: async () => made, take: async (/** @type {string[]} */ got) => void taken.push(...got) };
  await comeBack(TOKENS, device, [wish], { now: town.now, vouching: vouching(), keep: async () => undefined });
  return { made, taken };
}

/** @param {string} token */
async function read(token) {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const json = (/** @type {string} */ part) => JSON.parse(Buffer.from(part, "base64url").toString());
  const signedBy = async (/** @type {CryptoKey} */ key) =>
    crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      key,
      Buffer.from(signature, "base64url"),
      new TextEncoder().encode(`${header}.${claims}`),
    );
  return { header: json(header), claims: json(claims), signedBy };
}

/** @param {import("../../src/jiazhao/web/wallet/vault.js").PublicJwk} jwk */
const publicKey = (jwk) => crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);

/** @param {string} path @param {number} [place] */
function sent(path, place = 0) {
  const one = town.at(path)[place];
  assert.ok(one, path);
  return one;
}

test("a claim shows who vouches for the wallet and for the device key", async () => {
  const { key, outcome } = await claim();
  assert.ok("credential" in outcome);
  assert.ok(kept);

  const token = sent("/token");
  assert.equal(token.body.client_id, ORIGIN);
  assert.equal(token.headers["OAuth-Client-Attestation"], "said 1");
  const shown = await read(token.headers["OAuth-Client-Attestation-PoP"] ?? "");
  assert.deepEqual(shown.header, { typ: "oauth-client-attestation-pop+jwt", alg: "ES256" });
  const { jti, iat, ...claims } = shown.claims;
  assert.match(jti, /^[\w-]{22}$/);
  assert.deepEqual(claims, { iss: ORIGIN, aud: ORIGIN, challenge: "first challenge" });
  assert.ok(isNow(iat));
  assert.ok(await shown.signedBy(kept.keyPair.publicKey));

  const { proof, client_attestation: attested, key_proofs: proofs } = sent("/wallet-provider/key-attestations").body;
  assert.equal(attested, "said 1");
  for (const [one, jwk] of [[proof, await jwkOf(kept.keyPair)], [proofs[0], key.jwk]]) {
    const request = await read(one);
    assert.deepEqual(request.header, { typ: "jiazhao-attestation-request+jwt", alg: "ES256", jwk });
    const { iat: made, ...said } = request.claims;
    assert.deepEqual(said, { aud: ORIGIN, nonce: "c nonce" });
    assert.ok(isNow(made));
    assert.ok(await request.signedBy(await publicKey(jwk)));
  }

  const { jwt, attestation } = sent("/credential").body.proofs;
  assert.equal(attestation, undefined);
  const proven = await read(jwt[0]);
  assert.deepEqual(proven.header, { typ: "openid4vci-proof+jwt", alg: "ES256", jwk: key.jwk, key_attestation: "of keys" });
  assert.equal(proven.claims.nonce, "c nonce");
  assert.ok(await proven.signedBy(await publicKey(key.jwk)));
});

test("the instance has a key of its own, which does not leave the browser", async () => {
  const { key } = await claim();
  assert.ok(kept);
  assert.equal(kept.keyPair.privateKey.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("jwk", kept.keyPair.privateKey));
  assert.notDeepEqual(await jwkOf(kept.keyPair), key.jwk);
});

test("a batch is vouched for at once, and a licence code's one key too", async () => {
  await claim();
  const { made, taken } = await refill();
  assert.equal(taken.length, 10);
  const { key_proofs: proofs } = sent("/wallet-provider/key-attestations", 1).body;
  const shown = await Promise.all(proofs.map(async (/** @type {string} */ one) => (await read(one)).header.jwk));
  assert.deepEqual(shown, made.map(({ jwk }) => jwk));
  assert.equal(sent("/credential", 1).body.proofs.jwt.length, 1);

  await refill({ format: "jiazhao-licence-code", count: 1 });
  assert.equal(sent("/credential", 2).body.credential_configuration_id, "code");
  assert.equal(sent("/wallet-provider/key-attestations", 2).body.key_proofs.length, 1);
  assert.equal(town.said, 1);
});

test("what was said is kept for a day, and renewed for the same key before it lapses", async () => {
  await claim();
  const before = kept;
  town.now += DAY - 3601;
  await refill();
  assert.equal(town.said, 1);

  town.now += 2;
  town.signedIn = false;
  await refill();
  assert.equal(town.said, 2);
  assert.equal(sent("/wallet-provider/client-attestations/renewal").body.client_attestation, "said 1");
  assert.equal(sent("/token", 2).headers["OAuth-Client-Attestation"], "said 2");
  assert.equal(kept?.keyPair, before?.keyPair);
});

test("a claim that waits is asked for again by the instance that is vouched for", async () => {
  const { key } = await claim();
  const waits = { transactionId: "t", askAt: 0, over: false, asked: { credential_identifier: "first" }, configuration: "mdl" };
  const ask = () =>
    askAgain({ ...TOKENS, ...waits }, key, { now: town.now, vouching: vouching(), keep: async () => undefined });
  town.signedIn = false;
  assert.ok("waiting" in (await ask()));
  assert.equal(sent("/token", 1).headers["OAuth-Client-Attestation"], "said 1");

  // The answer was lost on its way: the same key is proven anew, and vouched for.
  town.deferred = { status: 400, said: { error: "invalid_transaction_id" } };
  assert.ok("credential" in (await ask()));
  const { credential_identifier: asked, proofs } = sent("/credential", 1).body;
  assert.equal(asked, "first");
  assert.equal((await read(proofs.jwt[0])).header.key_attestation, "of keys");
});

test("an issuer that asks for nothing is shown nothing", async () => {
  town.methods = ["none", "attest_jwt_client_auth"];
  town.proofTypes = { jwt: {}, attestation: ASKED };
  await claim();
  const { taken } = await refill();
  assert.equal(taken.length, 10);
  assert.equal(sent("/credential", 1).body.proofs.jwt.length, 3);
  assert.deepEqual([kept, town.asked.filter(({ path }) => path.startsWith("/wallet-provider"))], [null, []]);
  assert.deepEqual(Object.keys(sent("/token").headers).filter((name) => /attestation/i.test(name)), []);
  assert.equal(sent("/token").body.client_id, undefined);
});

test("what is bound to an instance is fetched as that instance where the issuer asks no more", async () => {
  await claim();
  town.methods = ["none", "attest_jwt_client_auth"];
  await refill();
  assert.equal(sent("/token", 1).headers["OAuth-Client-Attestation"], "said 1");
});

test("an issuer that takes no other proof gets the attestation alone", async () => {
  town.proofTypes = { attestation: ASKED };
  await claim();
  assert.deepEqual(sent("/credential").body.proofs, { attestation: ["of keys"] });
});

test("a challenge that the token endpoint names is used at once", async () => {
  town.refusals = [{ error: "use_attestation_challenge", challenge: "another" }];
  await claim();
  const { claims } = await read(sent("/token", 1).headers["OAuth-Client-Attestation-PoP"] ?? "");
  assert.equal(claims.challenge, "another");
  assert.equal(town.said, 1);
});

for (const error of ["invalid_client_attestation", "use_fresh_attestation"]) {
  test(`${error}: another is fetched once, and then the reason is told`, async () => {
    town.refusals = [{ error }];
    await claim();
    assert.equal(sent("/token", 1).headers["OAuth-Client-Attestation"], "said 2");

    town.refusals = [{ error }, { error }];
    await assert.rejects(claim(), (/** @type {any} */ problem) => {
      assert.deepEqual([problem.code, problem.error], ["vouching_refused", error]);
      assert.ok(problem.zh.includes(error) && problem.en.includes(error));
      return isUnvouched(problem);
    });
    assert.equal(town.at("/token").length, 4);
  });
}

test("whoever is not known any more is vouched for by signing in, and else is told so", async () => {
  await claim();
  town.withdrawn = ["said 1"];
  town.now += DAY;
  town.signedIn = false;
  await assert.rejects(refill(), (/** @type {any} */ problem) => {
    assert.equal(problem.code, "vouching_needs_sign_in");
    return isUnvouched(problem);
  });
  assert.equal(town.at("/token").length, 1);

  const before = kept;
  town.signedIn = true;
  assert.equal((await refill()).taken.length, 10);
  assert.equal(kept?.keyPair, before?.keyPair);
});

test("a provider that changed its key is asked anew for the keys of a batch", async () => {
  await claim();
  town.withdrawn = ["said 1"];
  assert.equal((await refill()).taken.length, 10);
  assert.equal(town.said, 2);
  assert.equal(sent("/wallet-provider/key-attestations", 2).body.client_attestation, "said 2");
});

test("more than a browser's key has is not claimed: the offer is not used up", async () => {
  const hardware = { key_attestations_required: { key_storage: ["iso_18045_high"] } };
  const unlocked = { key_attestations_required: { user_authentication: ["iso_18045_basic"] } };
  for (const asked of [hardware, unlocked]) {
    town.proofTypes = { jwt: asked };
    await assert.rejects(claim(), (/** @type {any} */ problem) => problem.code === "keys_not_enough" && isUnvouched(problem));
  }
  assert.deepEqual(town.at("/token"), []);
  assert.equal(proofsAskedBy({ proof_types_supported: { jwt: { key_attestations_required: {} } } }), "vouched_keys");
});

/** A proof tells the register's time, which goes on while the wallet works. @param {number} iat */
function isNow(iat) {
  return iat >= NOW && iat < NOW + 60;
}

/** @param {CryptoKeyPair} pair */
async function jwkOf(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty: kty ?? "", crv: crv ?? "", x: x ?? "", y: y ?? "" };
}
