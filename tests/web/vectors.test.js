// Every vector of verification is judged as the service judges it
// (tests/unit/presentation/test_vectors.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { judge } from "./judge.js";

const VECTORS = new URL("../../vectors/", import.meta.url);
const JUDGED = ["verify", "sd-jwt-vc"];

for (const folder of JUDGED) {
  test(`each vector of ${folder} has its outcome, its step and its reason`, async () => {
    const names = readdirSync(new URL(`${folder}/`, VECTORS));
    assert.notEqual(names.length, 0);
    for (const name of names) {
      const vector = JSON.parse(readFileSync(new URL(`${folder}/${name}`, VECTORS), "utf8"));
      const { outcome, step, reason } = vector;
      assert.deepEqual(await judge(vector), { outcome, step, reason }, name);
    }
  });
}
