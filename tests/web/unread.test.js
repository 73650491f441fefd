import assert from "node:assert/strict";
import { test } from "node:test";

import { seenWith, unreadAmong } from "../../src/jiazhao/web/wallet/unread.js";

const named = (/** @type {string[]} */ ...ids) => ids.map((id) => ({ notice_id: id }));

test("a notice counts until it was on the screen", () => {
  assert.equal(unreadAmong(named("a", "b"), []), 2);
  const seen = seenWith(named("a", "b"), []);
  assert.equal(unreadAmong(named("a", "b"), seen), 0);
  assert.equal(unreadAmong(named("c", "a"), seen), 1);
});

test("what another person on this phone has seen stays seen, within bounds", () => {
  const seen = seenWith(named("b1"), seenWith(named("a1", "a2"), []));
  assert.equal(unreadAmong(named("a1", "a2"), seen), 0);
  const many = Array.from({ length: 700 }, (_, i) => `n${i}`);
  const bounded = seenWith(named("last"), seenWith(named(...many), seen));
  assert.equal(bounded.length, 500);
  assert.equal(unreadAmong(named("last", "n699"), bounded), 0);
});
