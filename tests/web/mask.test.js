import assert from "node:assert/strict";
import { test } from "node:test";

import { masked } from "../../src/jiazhao/web/shared/mask.js";

test("a citizen number keeps four characters at each end", () => {
  assert.equal(masked("990101199002030028"), "9901**********0028");
});

test("a shorter number shows half of itself at most", () => {
  assert.equal(masked("SP0000012"), "SP*****12");
  assert.equal(masked("ABCD"), "A**D");
  assert.equal(masked("ABC"), "***");
  assert.equal(masked(""), "");
});
