// The bar code of the copy number: symbol values by hand, and the form of every symbol. That a
// scanner reads it is shown in tests/browser, with zxing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { QUIET_ZONE, code128Bars, code128Values } from "../../src/jiazhao/web/shared/code128.js";

test("pairs of digits take code set C, with the check symbol reckoned by place", () => {
  // (105 + 1·42) mod 103 = 44
  assert.deepEqual(code128Values("42"), [105, 42, 44, 106]);
  // (105 + 1·12 + 2·34) mod 103 = 82
  assert.deepEqual(code128Values("1234"), [105, 12, 34, 82, 106]);
});

test("a digit over stands first in code set B", () => {
  // (104 + 1·17 + 2·99 + 3·23) mod 103 = 79
  assert.deepEqual(code128Values("123"), [104, 17, 99, 23, 79, 106]);
});

test("every symbol is eleven modules wide and none is like another", () => {
  const seen = new Set();
  for (let pair = 0; pair < 100; pair++) {
    const digits = String(pair).padStart(2, "0");
    const { path, width } = code128Bars(digits);
    // start, pair, check: eleven each; stop: thirteen
    assert.equal(width, 3 * 11 + 13 + 2 * QUIET_ZONE);
    seen.add(path);
  }
  assert.equal(seen.size, 100);
});

test("only digits are taken", () => {
  for (const text of ["", "1", "12a4", "１２"]) assert.throws(() => code128Values(text), RangeError);
});
