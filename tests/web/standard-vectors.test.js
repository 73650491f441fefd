// The examples of the standards, read by the browser's verifier.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromBase64url } from "../../src/jiazhao/web/shared/base64url.js";
import { Places, readDisclosures } from "../../src/jiazhao/web/shared/disclosures.js";
import { Token } from "../../src/jiazhao/web/shared/jose.js";
import { parseMdoc } from "../../src/jiazhao/web/shared/mdoc.js";
import { PublicKey } from "../../src/jiazhao/web/shared/public-key.js";
import { decompress, readStatus, verifyStatusToken } from "../../src/jiazhao/web/shared/status-list.js";

const vector = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
const fromHex = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (/** @type {Uint8Array} */ octets) => Buffer.from(octets).toString("hex");

for (const name of ["1-bit-example", "1-bit-long", "2-bit-example", "2-bit-long", "4-bit-long"]) {
  test(`every status of ${name} is read`, async () => {
    const { lst, bits, size, statuses } = vector(`status-list/${name}`);
    const octets = await decompress(fromBase64url(lst));
    for (const index of [...Object.keys(statuses).map(Number), 1, 2, size - 1]) {
      assert.equal(readStatus(octets, index, bits), statuses[index] ?? 0, String(index));
    }
  });
}

test("the draft's CWT has a signer that nobody vouches for", async () => {
  const { token, uri, iat } = vector("status-list/cwt-example");
  const given = { expectedUri: uri, now: iat * 1000, trust: { roots: [], compromised: [] } };
  await assert.rejects(verifyStatusToken(fromHex(token), given), { code: "status_not_trusted" });
});

test("the response of ISO/IEC 18013-5, annex D, is read, and its device key lies on the curve", () => {
  const example = vector("mdoc/iso-18013-5-annex-d-response");
  const { issued, docType } = parseMdoc(fromHex(example.device_response));
  assert.equal(docType, example.doc_type);
  const { x, y } = example.device_key;
  assert.equal(hex(issued.mso.deviceKey.point), `04${x}${y}`);
  assert.equal(issued.mso.validUntil, Date.parse(example.valid_until));
  assert.equal(hex(issued.issuerAuth.certificates()[0] ?? new Uint8Array()), example.document_signer_certificate);
  const elements = issued.nameSpaces.get("org.iso.18013.5.1");
  assert.equal(elements?.get("family_name")?.value, example.elements.family_name);
});

test("a disclosure of RFC 9901 has its digest", async () => {
  for (const { text, digest, name, value } of vector("sd-jwt/rfc9901-disclosures").disclosures) {
    assert.deepEqual(await readDisclosures([text]), new Map([[digest, { name, value }]]));
  }
});

test("the presentation of RFC 9901 is put together, and its signatures fit", async () => {
  const { presented, issuer_key: key, processed, disclosed } = vector("sd-jwt/rfc9901-section-5.2");
  const [issued, ...parts] = presented.split("~");
  const bound = new Token(parts.pop(), "kb+jwt");
  const token = new Token(issued, "example+sd-jwt");
  await token.verify(PublicKey.fromJwk(new Map(Object.entries(key))));

  const places = new Places(await readDisclosures(parts));
  const filled = places.fill(token.claims);
  filled.delete("_sd_alg");
  assert.deepEqual(plain(filled), processed);
  assert.deepEqual(places.disclosed, disclosed);
  const confirmation = /** @type {Map<string, unknown>} */ (token.claims.get("cnf"));
  await bound.verify(PublicKey.fromJwk(confirmation.get("jwk")));
});

/** @param {unknown} value  @returns {unknown} */
function plain(value) {
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([name, member]) => [name, plain(member)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}
