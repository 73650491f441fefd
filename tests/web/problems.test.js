import assert from "node:assert/strict";
import { test } from "node:test";

import { asProblem, Problem, problemFrom } from "../../src/jiazhao/web/shared/api.js";

test("a problem of the service keeps its sentences, its rule and its reference", () => {
  const body = { code: "claim_under_way", zh: "中", en: "E", source: "art. 61", trace: "t1" };
  const problem = problemFrom(409, body);
  assert.deepEqual(
    { ...problem },
    { name: "Problem", status: 409, code: "claim_under_way", zh: "中", en: "E", source: "art. 61", trace: "t1", findings: [], error: "" },
  );
});

test("a problem keeps every finding", () => {
  const findings = [{ code: "photo_blurred", zh: "模糊", en: "blurred" }];
  assert.deepEqual(problemFrom(422, { code: "photo_refused", zh: "中", en: "E", findings }).findings, findings);
});

test("an OAuth error becomes a problem that names it", () => {
  const problem = problemFrom(400, { error: "invalid_grant" });
  assert.match(problem.zh, /invalid_grant/);
  assert.match(problem.en, /invalid_grant/);
  assert.equal(problem.error, "invalid_grant");
});

test("any other body becomes a problem that names the status and repeats nothing of it", () => {
  for (const body of [null, "<b>x</b>", { zh: 1, en: 2 }, []]) {
    const problem = problemFrom(502, body);
    assert.equal(problem.code, "unexpected_answer");
    assert.match(problem.en, /502/);
  }
});

test("a fault of the page is named by its kind, not by its text", () => {
  const problem = asProblem(new TypeError("secret 123"));
  assert.equal(problem.code, "page_fault");
  assert.match(problem.en, /TypeError/);
  assert.doesNotMatch(problem.en + problem.zh, /secret/);
  const known = new Problem({ code: "x", zh: "中", en: "E" });
  assert.equal(asProblem(known), known);
});
