// What comes of the vectors of licence codes beside the verdict, which vectors.test.js compares.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { REASONS } from "../../src/jiazhao/web/shared/reason-table.js";
import { reasonSentence, whatToDo } from "../../src/jiazhao/web/shared/reasons.js";
import { checkLicenceCode, fromHex } from "./judge.js";
import { TABLES } from "./rule-tables.js";

const SHARED = new URL("../../src/jiazhao/web/shared/", import.meta.url);
const VECTORS = new URL("../../vectors/verify-licence-code/", import.meta.url);
const read = (/** @type {URL} */ file) => JSON.parse(readFileSync(file, "utf8"));
const NAMES = readdirSync(VECTORS);
const CHECKED = await Promise.all(
  NAMES.map(async (name) => {
    const vector = read(new URL(name, VECTORS));
    return { name, vector, checked: await checkLicenceCode(vector, TABLES) };
  }),
);
const named = (/** @type {string} */ name) => {
  const found = CHECKED.find((each) => each.name === `${name}.json`);
  assert.ok(found, name);
  return found;
};

test("a portrait, and anything else of the person, comes out after steps 1 to 3 and never before", () => {
  for (const { name, checked } of CHECKED) {
    const { verdict, licence, portrait, driving, holder } = checked;
    const genuine = [1, 2, 3].every((step) => verdict.checks[step - 1]?.status === "passed");
    assert.equal(licence !== null, genuine, name);
    assert.equal(driving !== null, genuine, name);
    if (!genuine) assert.deepEqual([portrait, holder], [null, null], name);
    assert.ok(licence === null || !("portrait" in licence), name);
  }
  const without = CHECKED.filter(({ checked: { licence, portrait } }) => licence && !portrait);
  assert.ok(without.every(({ name }) => name.includes("face")), "a genuine code without its portrait");
  assert.ok(CHECKED.some(({ checked }) => checked.portrait));
});

test("no other module takes a portrait from its template", () => {
  for (const folder of ["shared/", "terminal/", "wallet/", "console/"]) {
    for (const name of readdirSync(new URL(`../${folder}`, SHARED)).filter((each) => each.endsWith(".js"))) {
      const source = readFileSync(new URL(`../${folder}${name}`, SHARED), "utf8");
      const takes = /(from|import\() ?"[^"]*portrait-template/.test(source);
      assert.equal(takes, name === "verify-licence-code.js", name);
    }
  }
});

test("the portrait is the file that the encoder wrote", () => {
  const folder = new URL("../../vectors/portrait/", import.meta.url);
  const golden = readdirSync(folder).map((name) => read(new URL(name, folder)));
  const files = golden.map(({ avif }) => avif);
  const { portrait } = named("valid").checked;
  assert.ok(portrait && files.includes(Buffer.from(portrait).toString("hex")));
});

test("whether the class may be driven is judged by what was signed", () => {
  const told = CHECKED.filter(({ vector }) => vector.may_drive !== undefined);
  assert.ok(told.length >= 20);
  for (const { name, vector, checked } of told) {
    assert.deepEqual(checked.driving?.map(({ code }) => code), vector.may_drive, name);
  }
});

test("every reason has a sentence in both languages with nothing left open, and advice", () => {
  for (const { name, checked: { verdict } } of CHECKED) {
    for (const check of verdict.checks) {
      const sentence = reasonSentence(check);
      assert.equal(sentence === null, check.reason === null, name);
      if (!sentence) continue;
      assert.match(sentence.zh, /\p{Script=Han}/u);
      assert.doesNotMatch(sentence.zh + sentence.en, /[{}]|—|undefined/, `${name}: ${check.reason}`);
    }
    const { zh, en } = whatToDo(verdict);
    assert.ok(zh && en, name);
  }
});

test("advice is that of the reason, but never where something is not genuine", () => {
  const advice = (/** @type {string} */ name) => whatToDo(named(name).checked.verdict).en;
  assert.match(advice("challenge-missing"), /four digits/);
  assert.match(advice("no-key-of-the-day"), /new shift/);
  assert.match(advice("issuer-points-lowered"), /Do not accept/);
  assert.match(advice("valid"), /Compare the photo/);
});

test("every code that a check gives is in the table", () => {
  const given = readdirSync(SHARED)
    .filter((name) => /^(verify-licence-code|verify-steps|chain|certificate|licence-\w+|rules|status-snapshot)\.js$/.test(name))
    .map((name) => readFileSync(new URL(name, SHARED), "utf8"))
    .flatMap((source) => [...source.matchAll(/(?:refused|failed\(step,|unchecked\(step,|VerificationError)\(? ?"(\w+)"/g)])
    .map(([, code = ""]) => code);
  assert.ok(given.length >= 25, String(given.length));
  for (const code of given) assert.ok(code in REASONS, code);
});

test("when the phone was last in contact is told where its beacon was checked", () => {
  const { checked, vector } = named("valid");
  const heard = /** @type {number} */ (checked.heardAt);
  assert.ok(heard <= Date.parse(vector.now) && heard > Date.parse(vector.now) - 86_400_000);
  assert.equal(named("beacon-missing").checked.heardAt, null);
  assert.equal(named("beacon-invented").checked.heardAt, null);
  assert.equal(named("valid-beacon-not-known-here-and-challenge").checked.heardAt, null);
});

test("a fault of the terminal itself is raised, and is no verdict", async () => {
  const { vector } = named("valid");
  const broken = { ...vector, status: { says: "clear", get as_of() { throw new TypeError("a fault"); } } };
  await assert.rejects(checkLicenceCode(broken, TABLES), TypeError);
  assert.equal(fromHex(vector.presented).length, 718);
});
