import assert from "node:assert/strict";
import { test } from "node:test";

import { masked } from "../../src/jiazhao/web/shared/mask.js";

test("a citizen number keeps four characters at each end", () => {
  assert.equal(masked("990101199002030028"), "9901**********0028");
});

test("a short number keeps two characters at most", () => {
  assert.equal(masked("G1234567"), "******67");
  assert.equal(masked("AB"), "AB");
  assert.equal(masked(""), "");
});
