import assert from "node:assert/strict";
import { test } from "node:test";

import { part } from "../../src/jiazhao/web/wallet/crop.js";

test("a phone's 3 by 4 is cropped at its sides, and keeps the licence's proportions", () => {
  const kept = part({ width: 3000, height: 4000 }, 1, 0.3);
  assert.ok(Math.abs(kept.width / kept.height - 520 / 756) < 1e-9);
  assert.equal(kept.height, 4000);
  assert.equal(kept.top, 0);
  assert.ok(Math.abs(kept.left - (3000 - kept.width) / 2) < 1e-9);
});

test("a narrow picture is cropped above and below", () => {
  const kept = part({ width: 900, height: 2000 }, 1, 1);
  assert.equal(kept.width, 900);
  assert.ok(Math.abs(kept.top + kept.height - 2000) < 1e-9);
});

test("what is enlarged stays within the picture", () => {
  for (const down of [0, 0.5, 1]) {
    const { left, top, width, height } = part({ width: 800, height: 600 }, 3, down);
    assert.ok(left >= 0 && top >= 0 && left + width <= 800 && top + height <= 600 + 1e-9);
  }
});
