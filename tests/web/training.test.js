// Training judges made-up codes with the terminal's own verifier. Its codes are nothing elsewhere,
// other codes are nothing in it, and nothing of it is kept or sent.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { ephemeralKey } from "../../src/jiazhao/web/shared/code-sealing.js";
import { Kind, sealContent } from "../../src/jiazhao/web/shared/licence-code.js";
import { PROFILES } from "../../src/jiazhao/web/shared/verdict.js";
import { verifyLicenceCode } from "../../src/jiazhao/web/shared/verify-licence-code.js";
import { checkLocally } from "../../src/jiazhao/web/terminal/local-check.js";
import { SCENES, VEHICLE } from "../../src/jiazhao/web/terminal/training-scenes.js";
import { TRAINING_SET } from "../../src/jiazhao/web/terminal/training-set.js";
import { CHALLENGE, Training } from "../../src/jiazhao/web/terminal/training-shift.js";
import { fromHex } from "./judge.js";
import { openingPair } from "./keys.js";
import { TABLES } from "./rule-tables.js";

const TERMINAL = new URL("../../src/jiazhao/web/terminal/", import.meta.url);
const VECTORS = new URL("../../vectors/", import.meta.url);
const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(path, VECTORS), "utf8"));
const REAL = read("verify-licence-code/valid.json");
const ASKED = { checkId: "", vehicleClass: null, challenge: null, face: null };

/** What each scene must come to: an officer learns it by heart. @type {Record<string, (string | null)[]>} */
const COMES_TO = {
  valid: ["VALID", null],
  "other-class": ["VALID", null],
  points: ["NOT_VALID", "code_status_says_no"],
  detained: ["NOT_VALID", "code_status_says_no"],
  suspended: ["NOT_VALID", "code_status_says_no"],
  listed: ["NOT_VALID", "status_must_not_drive"],
  lapsed: ["NOT_VALID", "licence_expired"],
  forged: ["NOT_GENUINE", "signature_mismatch"],
  "expired-code": ["CANNOT_CONFIRM", "code_expired"],
  used: ["CANNOT_CONFIRM", "code_used"],
  digits: ["CANNOT_CONFIRM", "challenge_needed"],
  face: ["CANNOT_CONFIRM", "compare_face"],
  "no-face": ["CANNOT_CONFIRM", "no_face_in_code"],
  "old-list": ["CANNOT_CONFIRM", "snapshot_too_old"],
  clock: ["CANNOT_CONFIRM", "clock_was_set"],
};

test("every scene comes to its word by the terminal's own check, and nothing is kept or asked", async (context) => {
  const touched = context.mock.fn(() => {
    throw new Error("training touched the world");
  });
  for (const name of ["fetch", "indexedDB", "localStorage", "navigator", "EventSource", "XMLHttpRequest"]) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { configurable: true, get: touched });
    context.after(() => (before ? Object.defineProperty(globalThis, name, before) : Reflect.deleteProperty(globalThis, name)));
  }
  const training = await Training.begin();
  /** @type {typeof COMES_TO} */
  const found = {};
  for (const { id, shows, circumstances } of SCENES) {
    const answer = await training.present(shows, { vehicleClass: VEHICLE, ...circumstances });
    found[id] = [answer.verdict, answer.reason?.code ?? null];
    if (id === "forged") assert.deepEqual([answer.licence, answer.portrait], [null, null]);
    else {
      assert.equal(answer.licence?.specimen, true, id);
      assert.match(answer.licence?.licence_number ?? "", /^9901/, id); // no region has these digits
      assert.equal(answer.portrait === null, id === "no-face", id);
    }
  }
  assert.deepEqual(found, COMES_TO);
  assert.equal(touched.mock.callCount(), 0);
});

test("what the officer and the driver are asked decides in training as on duty", async () => {
  const training = await Training.begin();
  const word = async (/** @type {Parameters<Training["present"]>} */ ...given) => (await training.present(...given)).verdict;
  assert.equal(await word("digits-typed", { challenge: CHALLENGE }), "VALID");
  assert.equal(await word("digits-typed", { challenge: CHALLENGE + 1 }), "CANNOT_CONFIRM");
  assert.equal(await word("face", { face: "same" }), "VALID");
  assert.equal(await word("face", { face: "differs" }), "CANNOT_CONFIRM");
  const driving = async (/** @type {string} */ vehicleClass) => (await training.present("valid", { vehicleClass })).may_drive?.answer;
  assert.deepEqual([await driving("C1"), await driving("A1")], [true, false]);
  // A yes stands beside VALID alone, on duty as here.
  const told = async (/** @type {string} */ name) => (await training.present(name, { vehicleClass: "C1" })).may_drive?.answer ?? null;
  assert.deepEqual([await told("expired-code"), await told("listed"), await told("detained")], [null, null, false]);
  // Each training begins anew: a code of it is not used up for the next officer.
  assert.deepEqual([await word("valid"), await word("valid")], ["VALID", "VALID"]);
});

test("a code of training is good nowhere else, even sealed for a terminal's own key", async () => {
  const training = await Training.begin();
  const mine = await openingPair();
  for (const [name, { now, kind, period, content }] of Object.entries(TRAINING_SET.cases)) {
    const to = { kind, period, recipient: mine.point, ephemeral: await ephemeralKey() };
    const resealed = await sealContent(fromHex(content), to);
    for (const [octets, reason] of /** @type {const} */ ([[await training.code(name), "unknown_format"], [resealed, "unknown_issuer"]])) {
      const { verdict, licence } = await verifyLicenceCode(octets, {
        now: Date.parse(now),
        checker: {
          trust: { roots: REAL.roots.map(fromHex), compromised: [] },
          signers: REAL.signers.map(fromHex),
          key: () => mine,
          tables: TABLES,
          beacon: null,
          lastCounter: () => 0,
          status: () => ({ mustNotDrive: false, asOf: Date.parse(now) }),
          settings: TRAINING_SET.settings,
        },
        profile: PROFILES.LICENCE_CODE_OFFLINE,
        challenge: CHALLENGE,
        face: "same",
      });
      assert.deepEqual([verdict.outcome, verdict.reason, licence], ["CANNOT_CONFIRM", reason, null], name);
    }
  }
});

test("a real code is not judged in training, even sealed for its key", async () => {
  const judge = (await Training.begin()).judge("valid");
  const sealed = await checkLocally(judge, fromHex(REAL.presented), ASKED);
  assert.deepEqual([sealed.verdict, sealed.reason?.code], ["CANNOT_CONFIRM", "unknown_format"]);

  const { plaintext, period } = read("licence-code/good.json");
  const recipient = /** @type {{ point: Uint8Array }} */ (judge.checker.key(Kind.SHOWN, period)).point;
  const octets = await sealContent(fromHex(plaintext), { kind: Kind.SHOWN, period, recipient, ephemeral: await ephemeralKey() });
  const { verdict, reason, licence } = await checkLocally(judge, octets, ASKED);
  assert.deepEqual([verdict, reason?.code, licence], ["CANNOT_CONFIRM", "unknown_issuer", null]);
});

test("training reaches neither the queue nor the disk nor the network, and its set serves training alone", () => {
  const reached = modulesOf("training-shift.js");
  for (const name of ["api.js", "queue.js", "disk.js", "shift.js", "examine.js", "camera.js"]) {
    assert.ok(!reached.has(name), name);
  }
  const screen = modulesOf("training.js");
  for (const name of ["queue.js", "disk.js", "shift.js", "examine.js", "camera.js", "check.js"]) {
    assert.ok(!screen.has(name), name);
  }
  const users = (/** @type {string} */ of) =>
    readdirSync(TERMINAL).filter((name) => new RegExp(`^import .* from "./${of}"`, "m").test(readFileSync(new URL(name, TERMINAL), "utf8")));
  assert.deepEqual(users("training-set.js"), ["training-shift.js"]);
  assert.deepEqual(users("training-shift.js"), ["training.js"]);
});

/**
 * The names of the modules that one brings along.
 *
 * @param {string} start
 * @returns {Set<string>}
 */
function modulesOf(start) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const waiting = [new URL(start, TERMINAL)];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (found.has(file.href)) continue;
    found.set(file.href, file.pathname.split("/").pop() ?? "");
    const source = readFileSync(file, "utf8");
    for (const [, path = ""] of source.matchAll(/^(?:import .*|} )from "(\.[^"]+)"/gm)) waiting.push(new URL(path, file));
  }
  return new Set(found.values());
}
