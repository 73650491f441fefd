import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64url, toBase64url } from "../../src/jiazhao/web/shared/base64url.js";

test("writes base64url as the platform does, for every length", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) % 256);
    const text = toBase64url(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(fromBase64url(text), bytes);
  }
});

test("refuses other alphabets, padding, white space and second spellings", () => {
  for (const text of ["+/8", "AA==", "AA A", "A", "AB", "AAB", "É"]) {
    assert.throws(() => fromBase64url(text), text);
  }
});
