// Every vector of verification is judged as the service judges it
// (tests/unit/presentation/test_vectors.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { judge } from "./judge.js";
import { TABLES } from "./rule-tables.js";

const VECTORS = new URL("../../vectors/", import.meta.url);
const JUDGED = ["verify", "sd-jwt-vc", "status-token", "certificate", "clock", "verify-licence-code"];

for (const folder of JUDGED) {
  test(`each vector of ${folder} has its outcome, its step and its reason`, async () => {
    const names = readdirSync(new URL(`${folder}/`, VECTORS));
    assert.notEqual(names.length, 0);
    for (const name of names) {
      const vector = JSON.parse(readFileSync(new URL(`${folder}/${name}`, VECTORS), "utf8"));
      const { outcome, step, reason } = vector;
      assert.deepEqual(await judge(vector, TABLES), { outcome, step, reason }, name);
    }
  });
}

/** Where each other folder is run. Of the rules, the terminal judges driving alone. */
const ELSEWHERE = {
  hpke: "code-sealing.test.js",
  "licence-code": "licence-code.test.js",
  mdoc: "standard-vectors.test.js",
  portrait: "portrait.test.js",
  rules: "rules.test.js",
  "sd-jwt": "standard-vectors.test.js",
  "status-list": "standard-vectors.test.js",
  "status-snapshot": "status-snapshot.test.js",
};

test("every folder of vectors is run", () => {
  const folders = readdirSync(VECTORS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "__pycache__")
    .map(({ name }) => name);
  const run = [...JUDGED, ...Object.keys(ELSEWHERE)];
  assert.deepEqual(folders.sort(), run.sort());
  for (const [folder, file] of Object.entries(ELSEWHERE)) {
    assert.match(readFileSync(new URL(file, import.meta.url), "utf8"), new RegExp(`${folder}/`));
  }
});
