import assert from "node:assert/strict";
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
