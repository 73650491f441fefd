import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { portraitFile } from "../../src/jiazhao/web/shared/portrait-template.js";

const VECTORS = new URL("../../vectors/portrait/", import.meta.url);
const hex = (/** @type {Uint8Array} */ octets) => Buffer.from(octets).toString("hex");
const fromHex = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "hex"));

for (const name of readdirSync(VECTORS)) {
  test(`${name}: the file is rebuilt octet for octet`, () => {
    const { template, octets, avif } = JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
    assert.equal(hex(portraitFile({ template, octets: fromHex(octets) })), avif);
  });
}

test("a size below 128 takes one octet", () => {
  const [short, long] = [127, 128].map((length) => portraitFile({ template: 1, octets: new Uint8Array(length) }));
  assert.equal(Number(long?.length) - Number(short?.length), 2);
});

test("a template that is not known gives no file", () => {
  assert.throws(() => portraitFile({ template: 2, octets: new Uint8Array(300) }), { code: "unreadable" });
});
