import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { BeaconAnchor, MAX_STEPS, readBeacon, toldAt } from "../../src/jiazhao/web/shared/beacon.js";

const LAST = 2 ** 24 - 1;

/** @param {number} epoch */
const three = (epoch) => Buffer.from([epoch >> 16, (epoch >> 8) & 255, epoch & 255]);

/**
 * The beacons of a chain down from an epoch, reckoned apart from what is tested.
 *
 * @param {number} from
 * @param {number} count
 */
function chain(from, count) {
  let value = createHash("sha256").update("a kept secret").digest().subarray(0, 12);
  /** @type {Map<number, Uint8Array>} */
  const beacons = new Map();
  for (let epoch = from; epoch > from - count; epoch--) {
    beacons.set(epoch, new Uint8Array(Buffer.concat([three(epoch), value])));
    const next = createHash("sha256").update("jiazhao time beacon").update(three(epoch)).update(value);
    value = next.digest().subarray(0, 12);
  }
  return (/** @type {number} */ epoch) => /** @type {Uint8Array} */ (beacons.get(epoch));
}

const EPOCH = 363_000;
const beaconOf = chain(EPOCH + 10, MAX_STEPS + 20);

test("a beacon says when it was told", () => {
  assert.equal(toldAt(readBeacon(beaconOf(EPOCH))), Date.UTC(2020, 0, 1) / 1000 + 600 * EPOCH);
  assert.equal(readBeacon(Uint8Array.of(255, 255, 255, ...Array(12).fill(1))).epoch, LAST);
  assert.throws(() => readBeacon(beaconOf(EPOCH).subarray(1)));
});

test("an anchor vouches for its own beacon, older ones and newer ones, in any order", async () => {
  const anchor = new BeaconAnchor(beaconOf(EPOCH));
  for (const steps of [0, -1, -144, -3, 1, 10, -144, -200]) {
    assert.ok(await anchor.vouchesFor(readBeacon(beaconOf(EPOCH + steps))), String(steps));
  }
});

test("a beacon that is changed, or of another epoch or chain, is not vouched for", async () => {
  const anchor = new BeaconAnchor(beaconOf(EPOCH));
  for (const steps of [0, -5, 5]) {
    const beacon = readBeacon(beaconOf(EPOCH + steps));
    for (const at of beacon.value.keys()) {
      const value = beacon.value.map((octet, place) => (place === at ? octet ^ 128 : octet));
      assert.ok(!(await anchor.vouchesFor({ ...beacon, value })));
    }
    for (const epoch of [beacon.epoch - 1, beacon.epoch + 1, 0, LAST]) {
      assert.ok(!(await anchor.vouchesFor({ ...beacon, epoch })), String(epoch));
    }
  }
});

test("a chain is followed so far and no further, however long a beacon asks for", async () => {
  const anchor = new BeaconAnchor(beaconOf(EPOCH));
  assert.ok(await anchor.vouchesFor(readBeacon(beaconOf(EPOCH - MAX_STEPS))));
  assert.ok(!(await anchor.vouchesFor(readBeacon(beaconOf(EPOCH - MAX_STEPS - 1)))));
});
