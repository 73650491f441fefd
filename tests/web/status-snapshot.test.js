// The snapshot's files as the terminal reads them: the vectors are the service's too
// (tests/unit/credentials/test_status_snapshot.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { readSnapshot } from "../../src/jiazhao/web/shared/status-snapshot.js";
import { VerificationError } from "../../src/jiazhao/web/shared/verification-error.js";

const VECTORS = new URL("../../vectors/status-snapshot/", import.meta.url);
const fromHex = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const vectors = readdirSync(VECTORS).map((name) => ({
  name,
  ...JSON.parse(readFileSync(new URL(name, VECTORS), "utf8")),
}));

function read(vector, files = vector.files.map(fromHex)) {
  return readSnapshot(files, {
    now: Date.parse(vector.now),
    trust: { roots: vector.roots.map(fromHex), compromised: vector.compromised.map(fromHex) },
    newestSeen: vector.newest_seen === null ? null : Date.parse(vector.newest_seen),
  });
}

function says(snapshot, { handle, issued_at: issuedAt }) {
  try {
    return snapshot.lookUp(fromHex(handle), issuedAt).mustNotDrive ? "must_not_drive" : "clear";
  } catch (error) {
    assert.ok(error instanceof VerificationError, String(error));
    return error.code;
  }
}

test("each vector is read as it says", async () => {
  assert.ok(vectors.length > 70);
  for (const vector of vectors) {
    if (vector.refused) {
      await assert.rejects(read(vector), { code: vector.refused }, vector.name);
      continue;
    }
    const snapshot = await read(vector);
    for (const asked of vector.look_ups) {
      assert.equal(says(snapshot, asked), asked.says, `${vector.name}: ${asked.handle}`);
    }
  }
});

test("no mutant of a file is read", async () => {
  const vector = vectors.find(({ name }) => name === "example.json");
  const [good] = vector.files.map(fromHex);
  for (let place = 0; place < good.length; place++) {
    const flipped = Uint8Array.from(good);
    flipped[place] ^= 1 << place % 8;
    const mutants = [flipped, good.subarray(0, place)];
    for (const mutant of mutants) {
      await assert.rejects(read(vector, [mutant]), /status_/, `octet ${place}`);
    }
  }
});

test("files that lie inside a larger buffer are read", async () => {
  const vector = vectors.find(({ name }) => name === "differences.json");
  const files = vector.files.map((hex) => {
    const larger = new Uint8Array(hex.length / 2 + 7);
    larger.set(fromHex(hex), 5);
    return larger.subarray(5, 5 + hex.length / 2);
  });
  const snapshot = await read(vector, files);
  assert.deepEqual(
    vector.look_ups.map((asked) => says(snapshot, asked)),
    vector.look_ups.map((asked) => asked.says),
  );
});
