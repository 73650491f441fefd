// The country's status snapshot (docs/specs/status-snapshot.md): a signed base and the signed
// differences after it tell of every licence code's handle whether it must not be driven on.
// Whatever is wrong with a file, its reader learns only that the status is not known: a code that
// begins with `status_`. A damaged snapshot must neither end a licence nor revive one.

import { asArray, asBytes, asUint, inspect, readCbor } from "./cbor-reader.js";
import { requireValidity, STATUS_SIGNING, vouchedSigner } from "./chain.js";
import { Sign1 } from "./cose.js";
import { owned, sameOctets } from "./octets.js";
import { PrefixSet } from "./prefix-set.js";
import { VerificationError } from "./verification-error.js";
import { CLOCK_SKEW } from "./verify-steps.js";

const MAGIC = new TextEncoder().encode("jiazhao status snapshot 1\n");
const SNAPSHOT_TYPE = "application/jiazhao-status-snapshot";
const HANDLE_OCTETS = 8;
const MAX_FILE_OCTETS = 1 << 26;
const MAX_HEAD_OCTETS = 1 << 14;
const MAX_DIFFERENCES = 1024;
const LENGTH_OCTETS = 4;
const HASH_OCTETS = 32;
const COSE_TYPE = 16;
const BASE = 0;
const DIFFERENCE = 1;
const HOME = "CN"; // roots of other countries are trusted too, and do not speak of these codes
const FURTHEST = 2 ** 32;
const HOUR = 3600;

/** @typedef {import("./verify-steps.js").TrustAnchors} TrustAnchors */

/**
 * @typedef {object} SnapshotHead  what a file says of itself
 * @property {Uint8Array | null} follows  SHA-256 of the file before a difference
 * @property {number} untilHour  it speaks of handles that were issued before this hour since 1970
 * @property {number} asOf       milliseconds since 1970
 * @property {number} handles    of how many a base speaks, or a difference changes the answer
 * @property {readonly (readonly [number, number])[]} gaps  hours of issue that a restore has lost
 */

/** A base and its differences, verified. */
export class StatusSnapshot {
  /**
   * @param {SnapshotHead} head  the newest file's
   * @param {readonly { untilHour: number, set: PrefixSet }[]} sets
   */
  constructor(head, sets) {
    this.head = head;
    this.sets = sets;
  }

  /** Of when it is, in milliseconds since 1970. */
  get asOf() {
    return this.head.asOf;
  }

  /**
   * What is said of a handle that was issued in the hour of `issuedAt`. Raises
   * `status_not_covered` where that hour is not spoken of.
   *
   * @param {Uint8Array} handle
   * @param {number} issuedAt  seconds since 1970
   */
  lookUp(handle, issuedAt) {
    const hour = Math.floor(issuedAt / HOUR);
    const { untilHour, gaps, asOf } = this.head;
    const lost = gaps.some(([first, end]) => first <= hour && hour < end);
    if (lost || !(hour < untilHour) || handle.length !== HANDLE_OCTETS) {
      throw new VerificationError("status_not_covered");
    }
    const halves = new DataView(handle.buffer, handle.byteOffset, HANDLE_OCTETS);
    const [high, low] = [halves.getUint32(0), halves.getUint32(4)];
    let mustNotDrive = false;
    for (const { untilHour: until, set } of this.sets) {
      if (hour < until && set.has(high, low)) mustNotDrive = !mustNotDrive;
    }
    return { mustNotDrive, asOf };
  }
}

/**
 * Verify a base and the differences that follow it, in order.
 *
 * @param {readonly Uint8Array[]} files
 * @param {object} given
 * @param {number} given.now                milliseconds since 1970
 * @param {TrustAnchors} given.trust
 * @param {number | null} [given.newestSeen]  of when the newest snapshot was that was met: an
 *   older one may have been put back to hide a change
 * @returns {Promise<StatusSnapshot>}
 */
export async function readSnapshot(files, { now, trust, newestSeen = null }) {
  if (files.length < 1 || files.length > 1 + MAX_DIFFERENCES) throw unreadable("number of files");
  const sets = [];
  let before = null;
  let newest = null;
  for (const octets of files) {
    const { head, body } = await readFile(octets, now, trust).catch((error) => {
      throw undetermined(error);
    });
    if (before === null ? head.follows !== null : !head.follows || !sameOctets(head.follows, before)) {
      throw unreadable("it does not follow the file before");
    }
    if (newest && (head.asOf < newest.asOf || head.untilHour < newest.untilHour)) {
      throw unreadable("it is older than the file before");
    }
    sets.push({ untilHour: head.untilHour, set: body });
    before = await sha256(octets);
    newest = head;
  }
  const head = /** @type {SnapshotHead} */ (newest);
  if (head.asOf > now + CLOCK_SKEW) throw new VerificationError("status_stale");
  if (newestSeen !== null && head.asOf < newestSeen) throw new VerificationError("status_rolled_back");
  return new StatusSnapshot(head, sets);
}

/**
 * @param {Uint8Array} octets
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function readFile(octets, now, trust) {
  if (octets.length > MAX_FILE_OCTETS) throw unreadable("too large");
  const start = MAGIC.length + LENGTH_OCTETS;
  if (octets.length < start || !sameOctets(octets.subarray(0, MAGIC.length), MAGIC)) {
    throw unreadable("frame");
  }
  const length = new DataView(octets.buffer, octets.byteOffset).getUint32(MAGIC.length);
  if (length > MAX_HEAD_OCTETS || start + length > octets.length) throw unreadable("frame");
  const body = octets.subarray(start + length);
  const signed = new Sign1(readInspected(octets.subarray(start, start + length)));
  if (signed.protected.get(COSE_TYPE) !== SNAPSHOT_TYPE) throw unreadable("type");
  await signed.verify(await signerKey(signed.certificates(), now, trust));
  const payload = readInspected(asBytes(signed.payload, "snapshot"));
  const { form, ...head } = readHead(asArray(payload, "snapshot", 8), await sha256(body));
  return { head, body: new PrefixSet(form, body) };
}

/** @param {Uint8Array} octets */
function readInspected(octets) {
  const value = readCbor(octets, "snapshot", { maxOctets: MAX_HEAD_OCTETS });
  inspect(value, "snapshot");
  return value;
}

/**
 * @param {readonly unknown[]} fields
 * @param {Uint8Array} hash  of the body
 */
function readHead([kind, follows, untilHour, asOf, handles, gaps, form, bodyHash], hash) {
  if (kind !== BASE && kind !== DIFFERENCE) throw unreadable("kind");
  if ((follows === null) !== (kind === BASE)) throw unreadable("follows");
  if (follows !== null && asBytes(follows, "follows").length !== HASH_OCTETS) throw unreadable("follows");
  if (!sameOctets(asBytes(bodyHash, "body"), hash)) throw unreadable("body");
  const [depth, rice, bucketBits] = asArray(form, "form", 3);
  return {
    follows: follows === null ? null : asBytes(follows, "follows"),
    untilHour: number(untilHour, "until_hour"),
    asOf: number(asOf, "as_of") * 1000,
    handles: number(handles, "handles"),
    gaps: asArray(gaps, "gaps").map(gap),
    form: {
      depth: number(depth, "depth"),
      rice: number(rice, "rice"),
      bucketBits: number(bucketBits, "bucket_bits"),
    },
  };
}

/**
 * @param {unknown} value
 * @returns {[number, number]}
 */
function gap(value) {
  const [first, end] = asArray(value, "gap", 2);
  return [number(first, "gap"), number(end, "gap")];
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function number(value, name) {
  const read = asUint(value, name);
  if (typeof read !== "number" || read >= FURTHEST) throw unreadable(name);
  return read;
}

/**
 * @param {readonly Uint8Array[]} chain
 * @param {number} now
 * @param {TrustAnchors} trust
 */
async function signerKey(chain, now, { roots, compromised }) {
  const signer = await vouchedSigner(chain, roots, STATUS_SIGNING);
  requireValidity(signer, now);
  if (signer.country !== HOME) throw new VerificationError("bad_signer_certificate", "another country's");
  if (compromised.some((point) => sameOctets(point, signer.key.point))) {
    throw new VerificationError("signer_compromised");
  }
  return signer.key;
}

/** @param {Uint8Array} octets */
async function sha256(octets) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", owned(octets)));
}

/** @param {unknown} error */
function undetermined(error) {
  if (!(error instanceof VerificationError) || error.code.startsWith("status_")) return error;
  if (error.code === "unreadable") return unreadable(error.reason);
  return new VerificationError("status_not_trusted", error.code);
}

/** @param {string} reason */
function unreadable(reason) {
  return new VerificationError("status_unreadable", reason);
}
