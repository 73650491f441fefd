import assert from "node:assert/strict";
import { test } from "node:test";

import {
  answerPicture,
  statusPicture,
  stepPicture,
  stepState,
  verdictPicture,
} from "../../src/jiazhao/web/shared/status-picture.js";

const licence = (/** @type {string} */ colour, /** @type {string} */ code) => ({
  qr_colour: colour,
  display_status: { code },
});

const VERDICTS = ["VALID", "NOT_VALID", "NOT_GENUINE", "CANNOT_CONFIRM"];

test("every verdict has a shape, a sign and a tone of its own", () => {
  const pictures = VERDICTS.map(verdictPicture);
  for (const trait of /** @type {const} */ (["shape", "sign", "tone"])) {
    assert.equal(new Set(pictures.map((picture) => picture[trait])).size, VERDICTS.length, trait);
  }
});

test("only VALID gets the tick", () => {
  assert.deepEqual(VERDICTS.filter((verdict) => verdictPicture(verdict).sign === "tick"), ["VALID"]);
});

test("a verdict that is not known cannot confirm", () => {
  for (const strange of ["", "valid", "constructor", "__proto__", null, undefined]) {
    assert.equal(verdictPicture(strange).sign, "question", String(strange));
  }
});

test("only the normal status of a black code looks good", () => {
  assert.equal(statusPicture(licence("black", "A")).tone, "good");
  assert.equal(statusPicture(licence("black", "H")).tone, "notice");
  assert.equal(statusPicture(licence("red", "D")).tone, "stop");
  assert.equal(statusPicture(licence("red", "A")).tone, "stop");
  for (const colour of ["invalid", "hidden", "green", ""]) {
    assert.equal(statusPicture(licence(colour, "A")).tone, "void", colour);
  }
});

test("what was not checked is neither passed nor failed", () => {
  assert.equal(stepPicture("passed").sign, "tick");
  assert.equal(stepPicture("failed").sign, "cross");
  for (const other of ["unchecked", "", "toString"]) assert.equal(stepPicture(other).sign, "dash");
  assert.notDeepEqual(stepPicture("idle"), stepPicture("unchecked"));
});

test("a yes and a no differ in shape and sign", () => {
  assert.notEqual(answerPicture(true).shape, answerPicture(false).shape);
  assert.notEqual(answerPicture(true).sign, answerPicture(false).sign);
  assert.equal(answerPicture(/** @type {any} */ ("yes")).sign, "cross");
});

test("a step that was not demanded and not taken is idle; every other keeps its state", () => {
  assert.equal(stepState({ status: "unchecked", demanded: false }), "idle");
  assert.equal(stepState({ status: "unchecked", demanded: true }), "unchecked");
  for (const demanded of [true, false]) {
    assert.equal(stepState({ status: "failed", demanded }), "failed");
    assert.equal(stepState({ status: "passed", demanded }), "passed");
  }
});
