import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { fromBase64url } from "../../src/jiazhao/web/shared/base64url.js";
import {
  buildLicenceCode,
  encodePayload,
  PREFIX,
  toBeSigned,
} from "../../src/jiazhao/web/shared/licence-code-1.js";

const VECTORS = new URL("../../vectors/licence-code-1/", import.meta.url);
const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString("hex");

const CONTENT = {
  instanceNumber: "5180000000012",
  time: 1795500000,
  counter: 7,
  nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
};

// As cbor2 encodes it: an array of six, the version, the number, the time, the counter, the
// nonce, null.
const PAYLOAD = "8601" + "1b000004b6100f580c" + "1a6b0527e0" + "07" + "480102030405060708" + "f6";

test("the payload is the array of the format, in its shortest form", () => {
  assert.equal(hex(encodePayload(CONTENT)), PAYLOAD);
});

test("the signed bytes are COSE's Sig_structure with the code's own context", () => {
  const signed = hex(toBeSigned(encodePayload(CONTENT)));
  const context = Buffer.from("jiazhao licence code 1").toString("hex");
  const length = (PAYLOAD.length / 2).toString(16);
  assert.equal(
    signed,
    `846a${Buffer.from("Signature1").toString("hex")}43a1012656${context}58${length}${PAYLOAD}`,
  );
});

test("a code verifies with the device key and says what was put in", async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const es256 = { name: "ECDSA", hash: "SHA-256" };

  const text = await buildLicenceCode(
    CONTENT,
    async (bytes) => new Uint8Array(await crypto.subtle.sign(es256, privateKey, bytes)),
  );

  assert.ok(text.startsWith(PREFIX));
  const octets = fromBase64url(text.slice(PREFIX.length));
  const signature = octets.slice(-64);
  assert.equal(hex(octets.slice(0, -64)), `8443a10126a058${(PAYLOAD.length / 2).toString(16)}${PAYLOAD}5840`);
  const signed = toBeSigned(encodePayload(CONTENT));
  assert.ok(await crypto.subtle.verify(es256, publicKey, signature, signed));
  signed[signed.length - 2] ^= 1;
  assert.ok(!(await crypto.subtle.verify(es256, publicKey, signature, signed)));
});

test("content that the format does not hold is refused", () => {
  const wrong = [
    { instanceNumber: "518000000001" },
    { instanceNumber: "518000000001x" },
    { time: -1 },
    { time: 1.5 },
    { counter: 0 },
    { counter: 2 ** 53 },
    { nonce: new Uint8Array(7) },
  ];
  for (const change of wrong) assert.throws(() => encodePayload({ ...CONTENT, ...change }));
});

const GOOD = readdirSync(VECTORS).filter((name) => name.startsWith("good-"));

test("there are vectors with and without the issuer's part", () => {
  assert.ok(GOOD.length >= 2);
});

for (const name of GOOD) {
  const vector = JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
  const content = {
    instanceNumber: vector.instance_number,
    time: vector.time,
    counter: vector.counter,
    nonce: fromHex(vector.nonce),
    issuerPartHash: vector.issuer_part_hash === null ? null : fromHex(vector.issuer_part_hash),
  };

  test(`${name}: the same bytes are signed and the same text is shown`, async () => {
    /** @type {Uint8Array | null} */
    let signed = null;
    const signature = fromHex(vector.cose_sign1.slice(-128));

    const text = await buildLicenceCode(content, async (bytes) => {
      signed = bytes;
      return signature;
    });

    assert.equal(hex(encodePayload(content)), vector.payload);
    assert.equal(signed && hex(signed), vector.to_be_signed);
    assert.equal(text, vector.text);
  });

  test(`${name}: the vector's signature is by its device key`, async () => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("jwk", vector.device_key, algorithm, false, ["verify"]);
    const es256 = { name: "ECDSA", hash: "SHA-256" };
    const signature = fromHex(vector.cose_sign1.slice(-128));
    assert.ok(await crypto.subtle.verify(es256, key, signature, toBeSigned(encodePayload(content))));
  });
}

/** @param {string} text */
function fromHex(text) {
  return Uint8Array.from(Buffer.from(text, "hex"));
}
