import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeCbor } from "../../src/jiazhao/web/shared/cbor.js";

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString("hex");

// RFC 8949, appendix A.
const EXAMPLES = [
  [0, "00"],
  [10, "0a"],
  [23, "17"],
  [24, "1818"],
  [100, "1864"],
  [1000, "1903e8"],
  [1000000, "1a000f4240"],
  [1000000000000, "1b000000e8d4a51000"],
  [18446744073709551615n, "1bffffffffffffffff"],
  [-1, "20"],
  [-10, "29"],
  [-100, "3863"],
  [-1000, "3903e7"],
  [-18446744073709551616n, "3bffffffffffffffff"],
  [false, "f4"],
  [true, "f5"],
  [null, "f6"],
  [new Uint8Array(0), "40"],
  [Uint8Array.of(1, 2, 3, 4), "4401020304"],
  ["", "60"],
  ["IETF", "6449455446"],
  ["水", "63e6b0b4"],
  [[], "80"],
  [[1, [2, 3], [4, 5]], "8301820203820405"],
  [new Map(), "a0"],
  [new Map([[1, 2], [3, 4]]), "a201020304"],
];

for (const [value, expected] of EXAMPLES) {
  test(`encodes as RFC 8949 does: ${expected}`, () => {
    assert.equal(hex(encodeCbor(value)), expected);
  });
}

test("sizes at each boundary take the shortest head", () => {
  const heads = [255, 256, 65535, 65536, 4294967295, 4294967296].map((n) => hex(encodeCbor(n)));
  assert.deepEqual(heads, [
    "18ff",
    "190100",
    "19ffff",
    "1a00010000",
    "1affffffff",
    "1b0000000100000000",
  ]);
});

test("map keys are in bytewise order whatever order they came in", () => {
  const map = new Map([["z", 1], [100, 2], [-1, 3], ["aa", 4], [10, 5]]);
  assert.equal(hex(encodeCbor(map)), "a50a051864022003617a01626161" + "04");
});

test("what has no exact form is refused", () => {
  for (const value of [1.5, Number.NaN, 2 ** 53, 1n << 64n, undefined, {}, Symbol("x")]) {
    assert.throws(() => encodeCbor(/** @type {any} */ (value)));
  }
});
