import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  checkDriving,
  covers,
  effectiveStatuses,
  rulesOn,
  statusesAllowDriving,
} from "../../src/jiazhao/web/shared/rules.js";
import { stateOf, TABLES } from "./rule-tables.js";

/** @param {string} name */
function cases(name) {
  const file = new URL(`../../vectors/rules/${name}.json`, import.meta.url);
  const { cases: found } = JSON.parse(readFileSync(file, "utf8"));
  assert.notEqual(found.length, 0);
  return found;
}

test("driving is refused for exactly the reasons of each case", () => {
  for (const { name, on, state, needed, reasons } of cases("driving")) {
    const refusals = checkDriving(stateOf(state), needed, rulesOn(TABLES, on));
    assert.deepEqual(refusals.map(({ code }) => code), reasons, name);
    for (const sentence of refusals.flatMap(({ zh, en, todo_zh, todo_en }) => [zh, en, todo_zh, todo_en])) {
      assert.doesNotMatch(sentence, /[{}]|undefined/, name);
    }
  }
});

test("each set of statuses holds, is ordered and stands against driving as its case says", () => {
  for (const { name, on, recorded, points, valid_until, effective, may_drive } of cases("statuses")) {
    const rules = rulesOn(TABLES, on);
    const found = effectiveStatuses(recorded, points, valid_until, rules);
    assert.deepEqual(found, effective, name);
    assert.equal(statusesAllowDriving(found, rules), may_drive, name);
  }
});

test("classes cover what the table says and no more", () => {
  for (const { on, held, needed, covers: covered } of cases("covers")) {
    assert.equal(covers(held, needed, rulesOn(TABLES, on)), covered, `${on} ${held} ${needed}`);
  }
});

test("a refusal has the sentence, the advice and the article of its status", () => {
  const { state, on } = cases("driving")[0];
  const detained = { ...stateOf(state), recorded: ["U"] };
  const [refusal] = checkDriving(detained, "C1", rulesOn(TABLES, on));
  assert.equal(refusal?.code, "status_detained");
  assert.match(refusal?.zh ?? "", /扣留/);
  assert.match(refusal?.source ?? "", /art\. \d+/);
  assert.notEqual(refusal?.todo_en, "");
});

test("an effect that this page does not know allows nothing", () => {
  const { on } = cases("driving")[0];
  const tables = structuredClone(TABLES);
  for (const { entries } of tables.statuses.versions) {
    entries.find((/** @type {any} */ row) => row.code === "A").drive.effect = "allowed_by_day";
  }
  assert.equal(statusesAllowDriving(["A"], rulesOn(TABLES, on)), true);
  assert.equal(statusesAllowDriving(["A"], rulesOn(tables, on)), false);
  const { state } = cases("driving").find((/** @type {any} */ one) => one.reasons.length === 0);
  assert.deepEqual(checkDriving(stateOf(state), null, rulesOn(tables, on)).map(({ code }) => code), ["status_normal"]);
});

test("a day before the tables has no rules", () => {
  assert.throws(() => rulesOn(TABLES, "2012-12-31"), { code: "no_rules_for_day" });
});
