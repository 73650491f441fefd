import assert from "node:assert/strict";
import { test } from "node:test";

import { stageOf } from "../../src/jiazhao/web/wallet/stage.js";

const claim = { allowed: true, refusals: [] };
const instance = { instance_number: "1", device_key: "K", issued_at: "", last_used_counter: null };
const whole = { deviceKey: "K", credential: new Uint8Array(1) };
const other = { deviceKey: "L", credential: new Uint8Array(1) };

test("the licence in force is here", () => {
  assert.equal(stageOf({ claim, instance }, [other, whole]), "claimed");
});

test("its key is here but the credential never came", () => {
  assert.equal(stageOf({ claim, instance }, [{ deviceKey: "K", credential: null }]), "interrupted");
});

test("another device took over from this one, or nobody did", () => {
  assert.equal(stageOf({ claim, instance }, [other]), "lapsed");
  assert.equal(stageOf({ claim, instance: null }, [other]), "lapsed");
});

test("another device holds it; a key left from a failed claim is not a licence", () => {
  assert.equal(stageOf({ claim, instance }, []), "elsewhere");
  assert.equal(stageOf({ claim, instance }, [{ deviceKey: "L", credential: null }]), "elsewhere");
});

test("this browser held the very key in force, and has deleted it", () => {
  assert.equal(stageOf({ claim, instance }, [], "K"), "wiped");
  assert.equal(stageOf({ claim, instance }, [], "L"), "elsewhere");
  assert.equal(stageOf({ claim, instance }, [whole], "K"), "claimed");
  assert.equal(stageOf({ claim, instance: null }, [], "K"), "claimable");
});

test("nobody holds it: the rules decide", () => {
  assert.equal(stageOf({ claim, instance: null }, []), "claimable");
  const refused = { allowed: false, refusals: [] };
  assert.equal(stageOf({ claim: refused, instance: null }, []), "refused");
});

test("a claim onto this device waits for a person, whoever holds the licence meanwhile", () => {
  const waiting = { deviceKey: "L", credential: null, waiting: waits(false) };
  assert.equal(stageOf({ claim, instance: null }, [waiting]), "waiting");
  assert.equal(stageOf({ claim, instance }, [waiting]), "waiting");
  assert.equal(stageOf({ claim, instance }, [waiting, whole]), "claimed");
  // Issued, and the answer was lost on its way: it is asked for again.
  assert.equal(stageOf({ claim, instance }, [{ ...waiting, deviceKey: "K" }]), "waiting");
});

test("a claim that was denied is told until the next one", () => {
  const denied = { deviceKey: "L", credential: null, waiting: waits(true) };
  assert.equal(stageOf({ claim, instance: null }, [denied]), "denied");
  assert.equal(stageOf({ claim, instance }, [denied, whole]), "claimed");
});

/** @param {boolean} over */
function waits(over) {
  const tokens = { accessToken: "a", refreshToken: "r", renewAt: 0 };
  return { issuer: "", asked: {}, transactionId: "t", askAt: 0, over, ...tokens };
}
