import assert from "node:assert/strict";
import { test } from "node:test";

import { RegisterClock } from "../../src/jiazhao/web/shared/clock.js";

const at = (/** @type {number} */ milliseconds) => new Date(milliseconds).toISOString();

test("a device whose clock is wrong shows the register's time", () => {
  const clock = new RegisterClock(() => 1_000_000);
  assert.equal(clock.known, false);
  clock.learn(at(5_000_000), 999_900, 1_000_100);
  assert.equal(clock.known, true);
  assert.equal(clock.now(), 5_000_000);
});

test("a quicker answer is believed over a slower one", () => {
  const clock = new RegisterClock(() => 10_000);
  clock.learn(at(20_000), 9_950, 10_050);
  clock.learn(at(20_900), 9_000, 11_000);
  assert.equal(clock.now(), 20_000);
  clock.learn(at(20_040), 10_000, 10_010);
  assert.equal(clock.now(), 20_035);
});

test("a slower answer is believed once the best is old", () => {
  const clock = new RegisterClock(() => 300_000);
  clock.learn(at(10_000), 10_000, 10_010);
  clock.learn(at(300_000), 299_000, 300_000);
  assert.equal(clock.offset, 500);
});

test("a slower answer is believed when the device's clock was set anew", () => {
  const clock = new RegisterClock(() => 0);
  clock.learn(at(100_000), 100_000, 100_010);
  clock.learn(at(101_000), 161_000, 161_100);
  assert.ok(Math.abs(clock.offset + 60_050) < 1);
});

test("an unreadable time and a clock that ran backwards teach nothing", () => {
  const clock = new RegisterClock(() => 7);
  clock.learn("soon", 0, 1);
  clock.learn(at(5), 10, 5);
  assert.equal(clock.known, false);
  assert.equal(clock.now(), 7);
});
