import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ephemeralKey, open, openingKey, seal } from "../../src/jiazhao/web/shared/code-sealing.js";
import { ephemeralPair, openingPair, privateJwk } from "./keys.js";

const fromHex = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (/** @type {Uint8Array} */ octets) => Buffer.from(octets).toString("hex");

const VECTOR = JSON.parse(
  readFileSync(new URL("../../vectors/hpke/rfc9180-a3-base.json", import.meta.url), "utf8"),
);
const { info, aad, plaintext, ciphertext, enc } = VECTOR;
const CONTEXT = { info: fromHex(info), aad: fromHex(aad) };
const RECIPIENT = fromHex(VECTOR.recipient_point);

const recipient = () =>
  openingKey(privateJwk(fromHex(VECTOR.recipient_private), RECIPIENT), RECIPIENT);

test("the RFC's message is sealed as the RFC seals it", async () => {
  const ephemeral = await ephemeralPair(privateJwk(fromHex(VECTOR.ephemeral_private), fromHex(enc)));
  const sealed = await seal(RECIPIENT, fromHex(plaintext), CONTEXT, ephemeral);
  assert.deepEqual([hex(sealed.enc), hex(sealed.ciphertext)], [enc, ciphertext]);
});

test("the RFC's message is opened, by a key that cannot be read out", async () => {
  const key = await recipient();
  assert.equal(key.privateKey.extractable, false);
  assert.equal(hex(await open(key, fromHex(enc), fromHex(ciphertext), CONTEXT)), plaintext);
});

test("one changed octet anywhere, another context or another key opens nothing", async () => {
  const key = await recipient();
  const flipped = (/** @type {string} */ octets, /** @type {number} */ at) =>
    fromHex(octets).map((octet, place) => (place === at ? octet ^ 1 : octet));
  const wrong = { code: "unreadable" };
  for (const at of Array(ciphertext.length / 2).keys()) {
    await assert.rejects(open(key, fromHex(enc), flipped(ciphertext, at), CONTEXT), wrong);
  }
  for (const [name, octets] of [["info", info], ["aad", aad]]) {
    const context = { ...CONTEXT, [name]: flipped(octets, 0) };
    await assert.rejects(open(key, fromHex(enc), fromHex(ciphertext), context), wrong);
  }
  await assert.rejects(open(await openingPair(), fromHex(enc), fromHex(ciphertext), CONTEXT), wrong);
  await assert.rejects(open(key, flipped(enc, 64), fromHex(ciphertext), CONTEXT), wrong);
});

test("what is sealed with a fresh key is opened, and no two are alike", async () => {
  const key = await openingPair();
  const message = fromHex(plaintext);
  const one = await seal(key.point, message, CONTEXT, await ephemeralKey());
  const other = await seal(key.point, message, CONTEXT, await ephemeralKey());
  assert.notDeepEqual(one, other);
  assert.deepEqual(await open(key, one.enc, one.ciphertext, CONTEXT), message);
});
