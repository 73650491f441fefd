// The records of checks until the service has them. Each is sealed for the service before it is
// written, so that nobody can read it here, not even this terminal; it is written before its
// verdict is shown, and goes when the service has answered for it by name. The service takes a
// record once however often it comes, so a crash anywhere loses nothing and doubles nothing.

import { call } from "../shared/api.js";
import { fromBase64url, toBase64url } from "../shared/base64url.js";
import { ephemeralKey, seal } from "../shared/code-sealing.js";
import { fromAscii } from "../shared/octets.js";
import { PublicKey } from "../shared/public-key.js";
import { allKept, countKept, drop, keep, kept, nextNumber, RETIRED } from "./disk.js";
import { proofBy } from "./proof.js";

const INFO = fromAscii("jiazhao offline record 1");
const BATCH = 50;
const LOCK = "jiazhao-queue";
const PATIENCE = 30_000;

/** @typedef {import("./shift.js").Shift} Shift */
/** @typedef {{ record_id: string, kid: string, enc: string, sealed: string }} SealedRecord */
/** @typedef {{ sequence: number, terminalId: string, record: SealedRecord }} Queued */
/** @typedef {{ record_id: string, state: string, follow_up: string | null }} RecordResult */

/**
 * What the service is to know of a check, whose answer it may never have given.
 *
 * @typedef {object} CheckRecord
 * @property {string} check_id
 * @property {string} at
 * @property {string} scanned
 * @property {string} verdict
 * @property {string | null} reason
 * @property {string | null} vehicle_class
 * @property {number | null} challenge
 * @property {"same" | "differs" | null} face
 * @property {string | null} snapshot_as_of
 */

/**
 * Seal a record and write it; it is on the disk when this returns.
 *
 * @param {Shift} shift
 * @param {CheckRecord} record
 * @returns {Promise<number>} its number in the queue
 */
export async function enqueue({ content: { bundle } }, record) {
  const sequence = await nextNumber();
  const recordId = crypto.randomUUID();
  const told = { record_id: recordId, shift_id: bundle.shift_id, sequence, ...record };
  const recipient = PublicKey.fromCompressed(fromBase64url(bundle.upload_key.point)).point;
  const context = { info: INFO, aad: fromAscii(recordId) };
  const plaintext = new TextEncoder().encode(JSON.stringify(told));
  const { enc, ciphertext } = await seal(recipient, plaintext, context, await ephemeralKey());
  /** @type {Queued} */
  const queued = {
    sequence,
    terminalId: bundle.terminal_id,
    record: {
      record_id: recordId,
      kid: bundle.upload_key.kid,
      enc: toBase64url(new PublicKey(enc).compressed),
      sealed: toBase64url(ciphertext),
    },
  };
  await keep("queue", sequence, queued);
  return sequence;
}

/** The service answered the check itself, so its record has nothing to tell. @param {number} sequence */
export async function withdraw(sequence) {
  await drop("queue", [sequence]);
}

/** How many wait. */
export function unsent() {
  return countKept("queue");
}

/**
 * Hand in what waits, the oldest first; one tab at a time. Raises what kept it from being taken.
 * What this device recorded before it was switched off is signed for by the key that it had then.
 *
 * @param {import("./shift.js").OwnTerminal | null} own
 * @param {() => number} now  milliseconds since 1970 by the register's clock
 * @returns {Promise<RecordResult[]>} those with a follow-up
 */
export async function upload(own, now) {
  /** @type {RecordResult[]} */
  const told = [];
  await navigator.locks.request(LOCK, async () => {
    /** @type {import("./shift.js").OwnTerminal[]} */
    const retired = (await kept("own", RETIRED)) ?? [];
    for (;;) {
      /** @type {Queued[]} */
      const oldest = await allKept("queue", BATCH);
      const [first] = oldest;
      if (first === undefined) {
        if (retired.length > 0) await drop("own", [RETIRED]);
        return;
      }
      const by = retired.find(({ terminalId }) => terminalId === first.terminalId) ?? own;
      if (by === null) return;
      const waiting = oldest.filter(({ terminalId }) => terminalId === first.terminalId);
      const proof = await proofBy(by.keyPair, "jiazhao-records+jwt", now(), { terminal_id: by.terminalId });
      const json = { proof, records: waiting.map(({ record }) => record) };
      /** @type {{ results: RecordResult[] }} */
      const { results } = await call("/presentation/records", { json, patience: PATIENCE });
      const taken = new Set(results.map(({ record_id: id }) => id));
      const gone = waiting.filter(({ record }) => taken.has(record.record_id));
      told.push(...results.filter(({ follow_up: followUp }) => followUp !== null));
      await drop("queue", gone.map(({ sequence }) => sequence));
      if (gone.length === 0) return;
    }
  });
  return told;
}
