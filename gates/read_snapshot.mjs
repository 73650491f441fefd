// Asks the browser's reader of the status snapshot for every handle of a measured set:
// node read_snapshot.mjs FOLDER, where `asked.json` names the files. Prints what it saw as JSON.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readSnapshot } from "../src/jiazhao/web/shared/status-snapshot.js";
import { VerificationError } from "../src/jiazhao/web/shared/verification-error.js";

const OCTETS = 8;
const CLEAR = 0;
const MUST_NOT_DRIVE = 1;
const NOT_COVERED = 2;

const folder = process.argv[2] ?? ".";
const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
const asked = JSON.parse(readFileSync(join(folder, "asked.json"), "utf8"));
const trust = { roots: [new Uint8Array(Buffer.from(asked.root, "hex"))], compromised: [] };
const handles = read("handles");
const issued = new Uint32Array(read("issued").buffer);
const count = handles.length / OCTETS;

/** What a snapshot says of a handle. */
function answer(snapshot, place) {
  const handle = handles.subarray(OCTETS * place, OCTETS * (place + 1));
  try {
    return snapshot.lookUp(handle, issued[place]).mustNotDrive ? MUST_NOT_DRIVE : CLEAR;
  } catch (error) {
    if (error instanceof VerificationError && error.code === "status_not_covered") return NOT_COVERED;
    throw error;
  }
}

const seen = [];
for (const { files, answers } of asked.snapshots) {
  const begun = performance.now();
  const snapshot = await readSnapshot(files.map(read), { now: asked.now, trust });
  const opened = performance.now() - begun;
  const expected = read(answers);
  let wrong = 0;
  for (let place = 0; place < count; place++) {
    if (answer(snapshot, place) !== expected[place]) wrong++;
  }
  // From one place to another far away, as codes come.
  const times = [];
  for (let turn = 0; turn < asked.timed; turn++) {
    const place = (turn * 7_368_787) % count;
    const start = performance.now();
    answer(snapshot, place);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const [p50, p99] = [0.5, 0.99].map((share) => times[Math.floor(share * times.length)]);
  seen.push({ wrong, opened, p50, p99, worst: times.at(-1) });
}
process.stdout.write(JSON.stringify(seen));
