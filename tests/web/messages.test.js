import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { fillIn } from "../../src/jiazhao/web/shared/i18n.js";
import { en } from "../../src/jiazhao/web/shared/messages.en.js";
import { zh } from "../../src/jiazhao/web/shared/messages.zh.js";

const WEB = new URL("../../src/jiazhao/web/", import.meta.url);

const placeholders = (/** @type {string} */ text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys in the same order", () => {
  assert.deepEqual(Object.keys(en), Object.keys(zh));
});

test("both languages have the same placeholders", () => {
  for (const key of /** @type {(keyof typeof zh)[]} */ (Object.keys(zh))) {
    assert.deepEqual(placeholders(en[key]), placeholders(zh[key]), key);
  }
});

test("no message is empty, Chinese is Chinese and English is not", () => {
  for (const key of /** @type {(keyof typeof zh)[]} */ (Object.keys(zh))) {
    assert.match(zh[key], /\p{Script=Han}|^、$/u, key);
    assert.doesNotMatch(en[key], /\p{Script=Han}|[，。；：（）]/u, key);
    assert.notEqual(en[key].trim(), "", key);
  }
});

test("every message is used, and every key that is asked for exists", () => {
  const scripts = ["shared", "wallet", "terminal", "console"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, WEB))
      .filter((name) => name.endsWith(".js") && !name.startsWith("messages."))
      .map((name) => readFileSync(new URL(`${folder}/${name}`, WEB), "utf8")),
  );
  const text = scripts.join("\n");
  // Keys that are composed, such as `verdict.${verdict}`, count by their beginning.
  const composed = [...text.matchAll(/`([a-z_]+\.[a-z_.]*)\$\{/g)].map(([, start]) => start ?? "");
  for (const key of Object.keys(zh)) {
    const used = text.includes(`"${key}"`) || composed.some((start) => key.startsWith(start));
    assert.ok(used, `${key} is not used`);
  }
});

test("placeholders are filled, and a missing value stays visible", () => {
  assert.equal(fillIn("{a} of {b}", { a: 3, b: "x" }), "3 of x");
  assert.equal(fillIn("{a} of {b}", { a: 3 }), "3 of {b}");
});
