import assert from "node:assert/strict";
import { test } from "node:test";

import { newChallenge } from "../../src/jiazhao/web/terminal/challenge.js";
import { ScannerKeys } from "../../src/jiazhao/web/terminal/scanner-keys.js";
import { ShiftClock } from "../../src/jiazhao/web/terminal/shift-clock.js";

/**
 * @param {string} text
 * @param {number} pause
 */
function typed(text, pause) {
  const keys = new ScannerKeys();
  let taken = null;
  [...text, "Enter"].forEach((key, i) => {
    taken = keys.take(key, 1000 + i * pause) ?? taken;
  });
  return taken;
}

test("what a scanner types is taken, what a person types is not", () => {
  assert.equal(typed("ABCD-EFGH", 8), "ABCD-EFGH");
  assert.equal(typed("ABCD-EFGH", 120), null);
  assert.equal(typed("ABC", 8), null);
});

test("a scanner's text begins where the quick keys begin", () => {
  const keys = new ScannerKeys();
  keys.take("x", 0);
  [..."ABCDEFGH"].forEach((key, i) => keys.take(key, 500 + i * 5));
  assert.equal(keys.take("Enter", 545), "ABCDEFGH");
});

/** A device whose two clocks a test moves. */
class Device {
  wallTime = 1_700_000_000_000;
  steadyTime = 5000;
  wall = () => this.wallTime;
  steady = () => this.steadyTime;

  /** @param {number} milliseconds */
  pass(milliseconds) {
    this.wallTime += milliseconds;
    this.steadyTime += milliseconds;
  }
}

test("the shift's clock goes on while the device's clock is set, and says so", () => {
  for (const moved of [3_600_000, -3_600_000, 864_000_000, -864_000_000]) {
    const device = new Device();
    const clock = new ShiftClock({ offset: 2000, met: device.wallTime + 2000 }, device);
    const begun = clock.now();
    device.pass(60_000);
    assert.equal(clock.wasSet, false);
    device.wallTime += moved;
    assert.equal(clock.now() - begun, 60_000);
    assert.equal(clock.wasSet, true);
  }
});

test("a device's clock before a moment that was met is not believed after a restart", () => {
  const device = new Device();
  const first = new ShiftClock({ offset: 0, met: device.wallTime }, device);
  device.pass(600_000);
  const { kept } = first;
  assert.ok(first.now() > 0);
  device.wallTime -= 3_600_000;
  device.steadyTime = 0;
  const second = new ShiftClock(kept, device);
  assert.equal(second.wasSet, true);
  assert.ok(second.now() >= kept.met);
  device.wallTime += 3_600_000; // put right by hand: how long the page was closed, nobody knows
  assert.equal(second.wasSet, true);
  second.learn(0);
  assert.equal(second.wasSet, false);
});

test("digits are four at most, and not always the same", () => {
  const drawn = Array.from({ length: 200 }, newChallenge);
  assert.ok(drawn.every((digits) => Number.isInteger(digits) && digits >= 0 && digits < 10_000));
  assert.ok(new Set(drawn).size > 100);
});
