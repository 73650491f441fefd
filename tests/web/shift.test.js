// An open shift: what it takes of the country's list, and what it remembers of codes that it met.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

import { toBase64url } from "../../src/jiazhao/web/shared/base64url.js";
import { Events } from "../../src/jiazhao/web/terminal/events.js";
import { hasUnread, haveRead } from "../../src/jiazhao/web/terminal/follow-ups.js";
import { checkLocally } from "../../src/jiazhao/web/terminal/local-check.js";
import { refreshShift, resumedShift, Shift } from "../../src/jiazhao/web/terminal/shift.js";
import { ShiftClock } from "../../src/jiazhao/web/terminal/shift-clock.js";
import { memoryDisk, put, service } from "./in-memory.js";
import { fromHex } from "./judge.js";
import { opening, pointOf } from "./keys.js";
import { TABLES } from "./rule-tables.js";

const vector = (/** @type {string} */ path) =>
  JSON.parse(readFileSync(new URL(`../../vectors/${path}.json`, import.meta.url), "utf8"));
const CODE = vector("verify-licence-code/valid");
const LIST = vector("status-snapshot/differences");
const [BASE, ...DIFFERENCES] = LIST.files.map(fromHex);
const HOUR = 3_600_000;
const NOW = Date.parse(LIST.now);

/** @param {Uint8Array} octets */
async function named(octets) {
  const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", octets)).toString("hex");
  return { path: `/status-snapshots/${sha256}`, size: octets.length, sha256, as_of: "" };
}

/** @param {number} differences  how many of them the service names */
async function bundle(differences) {
  return {
    shift_id: "s",
    opened_at: new Date(NOW - HOUR).toISOString(),
    ends_at: new Date(NOW + 8 * HOUR).toISOString(),
    server_time: new Date(NOW).toISOString(),
    trust: {
      roots: LIST.roots.map(fromHex).map(toBase64url),
      signers: CODE.signers.map(fromHex).map(toBase64url),
      compromised: [],
    },
    beacon: toBase64url(fromHex(CODE.beacon)),
    rules: TABLES,
    settings: CODE.settings,
    snapshot: {
      base: await named(BASE),
      differences: await Promise.all(DIFFERENCES.slice(0, differences).map(named)),
    },
  };
}

/** The service as it stands: it has these differences. @param {number} differences */
async function serving(differences) {
  const answers = { "/shifts/current": await bundle(differences) };
  for (const octets of [BASE, ...DIFFERENCES]) answers[(await named(octets)).path] = octets;
  return service(answers);
}

/** A shift that holds no list yet. */
async function begun() {
  const content = { bundle: await bundle(0), keys: [], files: [], officer: { name: "", banner: null }, secondFactor: false, passkeys: [] };
  return new Shift(content, new ShiftClock({ offset: NOW - Date.now(), met: NOW }), null);
}

/** @param {Shift} shift */
const says = ({ snapshot }) => LIST.look_ups.map(({ handle, issued_at: at }) => {
  try {
    return snapshot?.lookUp(fromHex(handle), at).mustNotDrive ? "must_not_drive" : "clear";
  } catch (error) {
    return error.code;
  }
});

beforeEach(memoryDisk);

test("a newer list is taken by a shift that is open, and only what is new is fetched", async () => {
  const shift = await begun();
  await serving(1);
  await refreshShift(shift);
  const before = shift.snapshot?.asOf ?? 0;
  assert.notDeepEqual(says(shift), LIST.look_ups.map(({ says: said }) => said));

  const asked = await serving(DIFFERENCES.length);
  await refreshShift(shift);
  assert.ok((shift.snapshot?.asOf ?? 0) > before);
  assert.deepEqual(says(shift), LIST.look_ups.map(({ says: said }) => said));
  assert.equal(asked.length, 1 + DIFFERENCES.length - 1);
});

test("a list that is older than one that was met confirms nothing, in this shift and the next", async () => {
  const shift = await begun();
  await serving(DIFFERENCES.length);
  await refreshShift(shift);
  assert.ok(shift.checker.status);

  await serving(DIFFERENCES.length - 1); // an older one is put back
  await refreshShift(shift);
  assert.equal(shift.snapshot, null);
  assert.equal(shift.checker.status, null);

  const next = await begun();
  await refreshShift(next);
  assert.equal(next.snapshot, null);
  const opened = await resumedShift();
  assert.ok(opened && opened.snapshot === null);

  await serving(DIFFERENCES.length);
  await refreshShift(next);
  assert.ok(next.checker.status);
});

test("a list that came damaged is not taken, and the shift keeps what it had", async () => {
  const shift = await begun();
  await serving(0);
  await refreshShift(shift);
  const { snapshot } = shift;
  const answers = { "/shifts/current": await bundle(1) };
  answers[(await named(DIFFERENCES[0])).path] = DIFFERENCES[0].map((octet) => octet ^ 1);
  service(answers);
  await assert.rejects(refreshShift(shift), { code: "list_damaged" });
  assert.equal(shift.snapshot, snapshot);
});

/** A shift at the moment of the vector's code, on a device whose clock a test sets. */
async function atTheRoadside() {
  const at = Date.parse(CODE.now);
  const device = { wallTime: at, wall: () => device.wallTime, steady: () => 0 };
  const keys = await Promise.all(
    CODE.keys.map(async ({ kind, period, jwk }) => ({ kind, period, point: pointOf(jwk), ...(await opening(jwk)) })),
  );
  const content = { bundle: await bundle(0), keys, files: [], officer: { name: "", banner: null }, secondFactor: false, passkeys: [] };
  const asOf = Date.parse(CODE.status.as_of);
  const snapshot = /** @type {any} */ ({ asOf, lookUp: () => ({ mustNotDrive: false, asOf }) });
  return { device, shift: new Shift(content, new ShiftClock({ offset: 0, met: at }, device), snapshot) };
}

const ASKED = { checkId: "c", vehicleClass: "C1", challenge: null, face: null };

test("a code that a shift met is not taken again, even after the page was loaded anew", async () => {
  const { shift } = await atTheRoadside();
  const code = fromHex(CODE.presented);
  const first = await checkLocally(shift, code, ASKED);
  assert.equal(first.verdict, "VALID", first.reason?.en);
  const second = await checkLocally(shift, code, ASKED);
  assert.deepEqual([second.verdict, second.reason?.code], ["CANNOT_CONFIRM", "code_used"]);
  const anew = await atTheRoadside();
  const third = await checkLocally(anew.shift, code, ASKED);
  assert.deepEqual([third.verdict, third.reason?.code], ["CANNOT_CONFIRM", "code_used"]);
});

for (const hours of [-1, 1, -240, 240]) {
  test(`a clock that is set by ${hours} h during the shift confirms nothing`, async () => {
    const { shift, device } = await atTheRoadside();
    device.wallTime += hours * HOUR;
    const { verdict, reason } = await checkLocally(shift, fromHex(CODE.presented), ASKED);
    assert.deepEqual([verdict, reason?.code], ["CANNOT_CONFIRM", "clock_was_set"]);
  });
}

// -- what the service pushes

class Source extends EventTarget {
  static CLOSED = 2;
  /** @type {Source[]} */
  static made = [];
  readyState = 1;

  constructor() {
    super();
    Source.made.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  /** @param {string} name */
  say(name) {
    this.dispatchEvent(new Event(name));
  }
}

function listening() {
  Source.made = [];
  put("EventSource", Source);
  /** @type {string[]} */
  const told = [];
  const events = new Events({
    killed: () => told.push("killed"),
    snapshot: () => told.push("snapshot"),
    followUp: () => told.push("followUp"),
  });
  events.listen();
  return { events, told, source: () => /** @type {Source} */ (Source.made.at(-1)) };
}

test("each event of the service is acted on", () => {
  const { told, source } = listening();
  for (const name of ["snapshot", "follow_up", "killed", "something else"]) source().say(name);
  assert.deepEqual(told, ["snapshot", "followUp", "killed"]);
});

test("what was told before the way was open, or while it was broken, is asked for", () => {
  const { told, source } = listening();
  source().say("open");
  assert.deepEqual(told, ["snapshot", "followUp"]);
  source().say("open");
  assert.deepEqual(told.slice(2), ["snapshot", "followUp"]);
});

test("listening begins again after a refusal, and only then", () => {
  const { events, told, source } = listening();
  source().say("open");
  events.listen();
  assert.equal(Source.made.length, 1);
  source().close();
  events.listen();
  assert.equal(Source.made.length, 2);
  source().say("open");
  assert.deepEqual(told, ["snapshot", "followUp", "snapshot", "followUp"]);
});

test("a follow-up is unread until it was on the screen, and is told of the day before the shift", async () => {
  const shift = await begun();
  const made = (/** @type {number} */ before) => ({
    follow_ups: [{ check_id: "c", at: "", kind: "used_elsewhere", zh: "", en: "", made_at: new Date(NOW - before).toISOString() }],
  });
  service({ "/presentation/follow-ups": { follow_ups: [] } });
  assert.equal(await hasUnread(shift), false);
  service({ "/presentation/follow-ups": made(48 * HOUR) });
  assert.equal(await hasUnread(shift), false);
  for (const before of [20 * HOUR, 1000]) {
    const found = made(before);
    service({ "/presentation/follow-ups": found });
    assert.equal(await hasUnread(shift), true);
    await haveRead(found.follow_ups);
    assert.equal(await hasUnread(shift), false);
  }
});
