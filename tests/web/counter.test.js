// Tabs of one wallet share one counter: each module is loaded once for each tab.

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryDisk, put } from "./in-memory.js";

memoryDisk();
put("navigator", {});
put("isSecureContext", true);
const VAULT = "../../src/jiazhao/web/wallet/vault.js";
const tabs = await Promise.all(["one", "other"].map((tab) => import(`${VAULT}?${tab}`)));

test("two tabs of one wallet never take one counter, and leave no gap", async () => {
  assert.notEqual(tabs[0].takeCounter, tabs[1].takeCounter);
  const { deviceKey } = await tabs[0].createInstance("archive");
  const taken = await Promise.all(
    Array.from({ length: 40 }, (_, i) => tabs[i % 2].takeCounter(deviceKey)),
  );
  const counters = taken.map(({ counter }) => counter).sort((one, other) => one - other);
  assert.deepEqual(counters, Array.from({ length: 40 }, (_, i) => i + 1));
  assert.equal((await tabs[1].keptInstance(deviceKey)).counter, 40);
});

test("what one tab keeps besides does not put the counter of another back", async () => {
  const { deviceKey } = await tabs[0].createInstance("another");
  await Promise.all([
    tabs[0].change(deviceKey, (/** @type {any} */ kept) => ({ ...kept, facts: "F" })),
    tabs[1].takeCounter(deviceKey),
    tabs[0].change(deviceKey, (/** @type {any} */ kept) => ({ ...kept, pending: null })),
  ]);
  const { counter, facts, pending } = await tabs[0].keptInstance(deviceKey);
  assert.deepEqual({ counter, facts, pending }, { counter: 1, facts: "F", pending: null });
});
