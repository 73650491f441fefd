import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { MODULES, PACKAGES, sha256, VENDOR } from "./vendor.mjs";

const records = JSON.parse(readFileSync(new URL("checksums.json", VENDOR), "utf8"));
const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));

test("the record names every package that is copied", () => {
  assert.deepEqual(
    records.map((/** @type {{ package: string }} */ { package: name }) => name),
    PACKAGES.map(({ name }) => name),
  );
});

PACKAGES.forEach(({ name, copies }, i) => {
  const record = records[i];
  for (const { from, to } of copies) {
    test(`${to} is the pinned package's ${from}, unchanged`, async () => {
      assert.equal(await sha256(new URL(to, VENDOR)), record.sha256[to]);
      assert.equal(await sha256(new URL(from, MODULES)), record.sha256[to]);
    });
  }

  test(`the record names the version of ${name} that package.json pins`, () => {
    assert.equal(record.version, manifest.devDependencies[name]);
  });
});
