import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

import { sourceOfLaw } from "../../src/jiazhao/web/shared/source-of-law.js";

test("articles, annexes and orders are written as Chinese law writes them", () => {
  assert.equal(sourceOfLaw("道路交通安全法 art. 19"), "道路交通安全法第19条");
  assert.equal(
    sourceOfLaw("机动车驾驶证申领和使用规定 (order 162) art. 13, 62"),
    "机动车驾驶证申领和使用规定（公安部令第162号）第13、62条",
  );
  assert.equal(sourceOfLaw("机动车驾驶证申领和使用规定 (order 162) annex 1"), "机动车驾驶证申领和使用规定（公安部令第162号）附件1");
  assert.equal(sourceOfLaw("public notice, unverified"), "公开通告，未经核实");
});

test("no source in the rules is left in English", async () => {
  const folder = new URL("../../src/jiazhao/rules/data/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const tables = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
  const sources = tables.flatMap((text) =>
    [...text.matchAll(/"instrument": ("(?:[^"\\]|\\.)*"), "article": ("[^"]*")/g)].map(
      ([, instrument = "", article = ""]) => `${JSON.parse(instrument)} ${JSON.parse(article)}`.trim(),
    ),
  );
  assert.ok(sources.length > 100);
  for (const source of new Set(sources)) {
    assert.doesNotMatch(sourceOfLaw(source).replace("ISO/IEC", ""), /[A-Za-z]{2}/, source);
  }
});
