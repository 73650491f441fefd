// Runs the vectors of a folder: each is judged, and must come to its outcome, step and reason.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

export const VECTORS = new URL("../../vectors/", import.meta.url);

/** @param {string} text */
export const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));

/** @param {string} folder */
export function vectorsOf(folder) {
  const names = readdirSync(new URL(`${folder}/`, VECTORS));
  return names.map((name) => [name, JSON.parse(readFileSync(new URL(`${folder}/${name}`, VECTORS), "utf8"))]);
}

/**
 * @param {string} folder
 * @param {(vector: any) => Promise<import("../../src/jiazhao/web/shared/verdict.js").Verdict>} judge
 */
export function testVectors(folder, judge) {
  test(`each vector of ${folder} has its outcome, step and reason`, async () => {
    const vectors = vectorsOf(folder);
    assert.notEqual(vectors.length, 0);
    for (const [name, vector] of vectors) {
      const { outcome, step, reason } = await judge(vector);
      const expected = { outcome: vector.outcome, step: vector.step, reason: vector.reason };
      assert.deepEqual({ outcome, step, reason }, expected, name);
    }
  });
}
