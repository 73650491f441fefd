// The shift: what the terminal holds to judge without a network. It comes in one piece when a shift
// is opened, lies in IndexedDB with keys that script can use and not read, and is gone when the
// shift ends, when its time is over, and when the terminal is killed.

import { asProblem, call, callForBlob, localProblem } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";
import { BeaconAnchor } from "../shared/beacon.js";
import { openingKey } from "../shared/code-sealing.js";
import { PublicKey } from "../shared/public-key.js";
import { readSnapshot } from "../shared/status-snapshot.js";
import { VerificationError } from "../shared/verification-error.js";
import { empty, keep, kept, OWN, raise, retire } from "./disk.js";
import { makeTerminalKey, proofBy, publicJwk } from "./proof.js";
import { ShiftClock } from "./shift-clock.js";

/** @typedef {import("../shared/status-snapshot.js").StatusSnapshot} StatusSnapshot */
/** @typedef {import("../shared/verify-licence-code.js").Checker} Checker */

/** @typedef {{ terminalId: string, unit: string, label: string, keyPair: CryptoKeyPair }} OwnTerminal */
/** @typedef {{ path: string, size: number, sha256: string, as_of: string }} SnapshotFile */

/**
 * @typedef {object} Bundle  the service's answer, without its keys
 * @property {string} shift_id
 * @property {string} terminal_id
 * @property {string} opened_at
 * @property {string} ends_at
 * @property {string} server_time
 * @property {{ roots: string[], signers: string[], compromised: string[] }} trust
 * @property {{ kid: string, point: string }} upload_key
 * @property {string} beacon
 * @property {Record<string, any>} rules
 * @property {{ base: SnapshotFile, differences: SnapshotFile[] } | null} [snapshot]
 * @property {import("../shared/verify-licence-code.js").CodeSettings & { lock_after_seconds: number }} settings
 */

/** @typedef {{ kind: number, period: number, privateKey: CryptoKey, point: Uint8Array }} PeriodKey */
/** @typedef {{ name: string, octets: Uint8Array }} SnapshotOctets */

/**
 * @typedef {object} KeptShift
 * @property {Bundle} bundle
 * @property {PeriodKey[]} keys
 * @property {SnapshotOctets[]} files  of the country's list, the base first
 * @property {{ name: string, banner: { zh: string, en: string } | null }} officer
 * @property {boolean} secondFactor    whether the screen's lock asks for one
 * @property {string[]} passkeys       the officer's, by which the lock opens without a network
 */

const OPEN = "open";
const TIME = "time";
const NEWEST = "newest";
const DOWNLOAD_PATIENCE = 120_000;

/** An open shift in the memory of the page. */
export class Shift {
  /**
   * @param {KeptShift} content
   * @param {ShiftClock} clock
   * @param {StatusSnapshot | null} snapshot
   */
  constructor(content, clock, snapshot) {
    this.clock = clock;
    this.content = content;
    this.snapshot = snapshot;
    this.beacon = new BeaconAnchor(fromBase64url(content.bundle.beacon));
    const { roots, signers, compromised } = content.bundle.trust;
    this.trust = { roots: roots.map(fromBase64url), compromised: compromised.map(fromBase64url) };
    this.signers = signers.map(fromBase64url);
  }

  /**
   * What it holds from now on; screens that are open go by it, too.
   *
   * @param {KeptShift} content
   * @param {StatusSnapshot | null} snapshot
   */
  take(content, snapshot) {
    Object.assign(this, new Shift(content, this.clock, snapshot));
  }

  get settings() {
    return this.content.bundle.settings;
  }

  get endsAt() {
    return Date.parse(this.content.bundle.ends_at);
  }

  get isOver() {
    return this.clock.now() >= this.endsAt;
  }

  /** @returns {Checker} what the verifier goes by */
  get checker() {
    const { keys, bundle } = this.content;
    const { snapshot } = this;
    return {
      trust: this.trust,
      signers: this.signers,
      key: (kind, period) => keys.find((one) => one.kind === kind && one.period === period) ?? null,
      tables: bundle.rules,
      beacon: this.beacon,
      lastCounter: async (deviceKey) => (await kept("counters", toBase64url(deviceKey))) ?? 0,
      status: snapshot && ((handle, issuedAt) => snapshot.lookUp(handle, issuedAt)),
      settings: bundle.settings,
    };
  }

  /**
   * A counter that was met is never taken again during the shift.
   *
   * @param {Uint8Array} deviceKey
   * @param {number} counter
   */
  async met(deviceKey, counter) {
    await raise("counters", toBase64url(deviceKey), counter);
    await keep("shift", TIME, this.clock.kept);
  }
}

/** @returns {Promise<OwnTerminal | null>} */
export function ownTerminal() {
  return kept("own", OWN);
}

/**
 * Make this device a terminal, with the code that the console gave.
 *
 * @param {string} code
 * @param {string} label
 * @param {number} now
 * @returns {Promise<OwnTerminal>}
 */
export async function registerTerminal(code, label, now) {
  const keyPair = await makeTerminalKey();
  const proof = await proofBy(keyPair, "jiazhao-terminal+jwt", now, { code });
  const json = { registration_code: code, label, jwk: await publicJwk(keyPair), proof };
  const answer = await call("/terminals", { json });
  const own = { terminalId: answer.terminal_id, unit: answer.unit, label: answer.label, keyPair };
  await keep("own", OWN, own);
  return own;
}

/** @typedef {"asked" | "trust" | "keys" | "rules" | "list" | "kept"} Stage */

/**
 * Open a shift and keep what it brings.
 *
 * @param {OwnTerminal} own
 * @param {{ session: import("../shared/answers.js").Session, offset: number, passkeys: string[], progress: (stage: Stage, value?: { done: number, size: number }) => void }} given
 * @returns {Promise<Shift>}
 */
export async function openShift(own, { session, offset, passkeys, progress }) {
  progress("asked");
  const now = Date.now() + offset;
  const proof = await proofBy(own.keyPair, "jiazhao-shift+jwt", now, { terminal_id: own.terminalId });
  /** @type {Bundle & { keys: { kind: number, period: number, jwk: { x: string, y: string, d: string } }[] }} */
  const { keys, ...bundle } = await call("/shifts", { json: { proof } });
  progress("trust");
  await empty(["shift", "counters"]);
  progress("keys");
  const imported = await Promise.all(keys.map(importKey));
  progress("rules");
  const files = await snapshotFiles(bundle.snapshot ?? null, [], (done, size) => progress("list", { done, size }));
  const content = {
    bundle,
    keys: imported,
    files,
    officer: { name: session.name ?? "", banner: session.banner },
    secondFactor: session.second_factor !== "not_needed",
    passkeys,
  };
  const clock = new ShiftClock({ offset, met: now });
  const snapshot = await verified(content, clock);
  await keep("shift", OPEN, content);
  await keep("shift", TIME, clock.kept);
  progress("kept");
  return new Shift(content, clock, snapshot);
}

/**
 * Take up the shift that was open before the page was; null, and nothing kept, where it is over.
 *
 * @returns {Promise<Shift | null>}
 */
export async function resumedShift() {
  /** @type {KeptShift | null} */
  const content = await kept("shift", OPEN);
  const time = await kept("shift", TIME);
  if (content === null || time === null) return null;
  const clock = new ShiftClock(time);
  const shift = new Shift(content, clock, await verified(content, clock));
  if (!shift.isOver) return shift;
  await wipeShift();
  return null;
}

/**
 * Bring the shift up to date: beacon, trust, and the country's list.
 *
 * @param {Shift} shift
 */
export async function refreshShift(shift) {
  const sentAt = Date.now();
  const { keys: _, ...bundle } = await call("/shifts/current");
  const receivedAt = Date.now();
  shift.clock.learn(Date.parse(bundle.server_time) - (sentAt + receivedAt) / 2);
  const files = await snapshotFiles(bundle.snapshot ?? null, shift.content.files, () => {});
  const content = { ...shift.content, bundle, files };
  const snapshot = await verified(content, shift.clock);
  await keep("shift", OPEN, content);
  await keep("shift", TIME, shift.clock.kept);
  shift.take(content, snapshot);
}

/** Everything readable that the shift brought; the queue stays, which nobody here can read. */
export async function wipeShift() {
  await empty(["shift", "counters"]);
  sessionStorage.clear();
}

/** A killed terminal is none any more; only its sealed queue can still be handed in. */
export async function wipeTerminal() {
  await retire();
  sessionStorage.clear();
}

/** @param {{ kind: number, period: number, jwk: { x: string, y: string, d: string } }} key */
async function importKey({ kind, period, jwk }) {
  const { point } = PublicKey.fromCoordinates(fromBase64url(jwk.x), fromBase64url(jwk.y));
  return { kind, period, ...(await openingKey(jwk, point)) };
}

/**
 * The files that the bundle names; those that are kept already are not fetched again.
 *
 * @param {{ base: SnapshotFile, differences: SnapshotFile[] } | null} named
 * @param {readonly SnapshotOctets[]} known
 * @param {(done: number, size: number) => void} progress
 * @returns {Promise<SnapshotOctets[]>}
 */
async function snapshotFiles(named, known, progress) {
  if (named === null) return [];
  const wanted = [named.base, ...named.differences];
  const size = wanted.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  progress(done, size);
  const files = [];
  for (const { path, size: length, sha256 } of wanted) {
    const octets = known.find(({ name }) => name === sha256)?.octets ?? (await fetched(path, sha256));
    files.push({ name: sha256, octets });
    done += length;
    progress(done, size);
  }
  return files;
}

/**
 * @param {string} path
 * @param {string} sha256  hexadecimal
 */
async function fetched(path, sha256) {
  const blob = await callForBlob(path, DOWNLOAD_PATIENCE);
  const octets = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
  const hex = Array.from(digest, (octet) => octet.toString(16).padStart(2, "0")).join("");
  if (hex !== sha256) throw localProblem("shift.list_damaged", "list_damaged");
  return octets;
}

/**
 * The country's list, verified; null where there is none that may be believed. A list that is
 * older than one seen before is not.
 *
 * @param {KeptShift} content
 * @param {ShiftClock} clock
 * @returns {Promise<StatusSnapshot | null>}
 */
async function verified({ files, bundle }, clock) {
  if (files.length === 0) return null;
  const { roots, compromised } = bundle.trust;
  const trust = { roots: roots.map(fromBase64url), compromised: compromised.map(fromBase64url) };
  /** @type {number | null} */
  const newestSeen = await kept("own", NEWEST);
  try {
    const octets = files.map((file) => file.octets);
    const snapshot = await readSnapshot(octets, { now: clock.now(), trust, newestSeen });
    await raise("own", NEWEST, snapshot.asOf);
    return snapshot;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw asProblem(error);
  }
}
