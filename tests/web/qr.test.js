import assert from "node:assert/strict";
import { test } from "node:test";

import decodeQR from "qr/decode.js";

import { licenceCodeModules, modulesPath, QUIET_ZONE, qrModules } from "../../src/jiazhao/web/shared/qr.js";

const CODE = "HTTPS://EXAMPLE/".repeat(9);
const OCTETS = Uint8Array.from({ length: 718 }, (_, at) => (at * 151 + (at >> 3)) % 256);
const SCALE = 6;

/**
 * Paint the path as the browser would, `SCALE` pixels a module.
 *
 * @param {string} path
 * @param {number} size
 */
function paint(path, size) {
  const side = size * SCALE;
  const data = new Uint8Array(side * side * 3).fill(255);
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++) {
      const start = (row * side + Number(x) * SCALE) * 3;
      data.fill(0, start, start + Number(width) * SCALE * 3);
    }
  }
  return { width: side, height: side, data };
}

test("a reader gets back what was drawn", () => {
  const modules = qrModules(CODE);
  assert.equal(decodeQR(paint(modulesPath(modules), modules.length)), CODE);
});

test("a licence code is read back octet for octet, from version 18 with its one mask", () => {
  const modules = licenceCodeModules(OCTETS);
  assert.equal(modules.length, 89 + 2 * QUIET_ZONE);
  let read = new Uint8Array();
  const textDecoder = (/** @type {Uint8Array} */ octets) => String((read = Uint8Array.from(octets)).length);
  decodeQR(paint(modulesPath(modules), modules.length), { textDecoder });
  assert.deepEqual(read, OCTETS);
  // Level L and mask 3 in the format bits beside the finder (ISO/IEC 18004, 7.9): 111100010011101.
  const corner = [0, 1, 2, 3, 4, 5, 7, 8].map((x) => modules[QUIET_ZONE + 8]?.[QUIET_ZONE + x]);
  assert.deepEqual(corner.map(Number).join(""), "11110001");
});

test("a code of any other length is not drawn in another size", () => {
  assert.throws(() => licenceCodeModules(new Uint8Array(719)));
  assert.equal(licenceCodeModules(new Uint8Array(718)).length, licenceCodeModules(OCTETS).length);
});

test("the quiet zone is four modules of light on every side", () => {
  const modules = qrModules(CODE);
  const dark = modules.flatMap((row, y) => row.flatMap((on, x) => (on ? [[x, y]] : [])));
  const edges = dark.flat();
  assert.equal(Math.min(...edges), QUIET_ZONE);
  assert.equal(Math.max(...edges), modules.length - QUIET_ZONE - 1);
});

test("the path draws each dark module once and no light one", () => {
  const modules = qrModules("short");
  const drawn = modules.map((row) => row.map(() => 0));
  for (const [, x, y, width] of modulesPath(modules).matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let i = 0; i < Number(width); i++) {
      const row = drawn[Number(y)];
      if (row) row[Number(x) + i] = (row[Number(x) + i] ?? 0) + 1;
    }
  }
  assert.deepEqual(drawn, modules.map((row) => row.map(Number)));
});
