import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { COPIES, MODULES, sha256, VENDOR } from "./vendor.mjs";

const record = JSON.parse(readFileSync(new URL("checksums.json", VENDOR), "utf8"));

for (const { from, to } of COPIES) {
  test(`${to} is the pinned package's ${from}, unchanged`, async () => {
    assert.equal(await sha256(new URL(to, VENDOR)), record.sha256[to]);
    assert.equal(await sha256(new URL(from, MODULES)), record.sha256[to]);
  });
}

test("the record names the version that package.json pins", () => {
  const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  assert.equal(record.version, manifest.devDependencies[record.package]);
});
