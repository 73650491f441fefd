// What holds for every file of the pages: the content policy allows nothing from elsewhere and
// nothing inline, and text never becomes markup.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../src/jiazhao/web/", import.meta.url);
const FOLDERS = ["shared", "wallet", "terminal", "console", "identity"];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, WEB)).map((name) => ({
    path: `${folder}/${name}`,
    text: readFileSync(new URL(`${folder}/${name}`, WEB), "utf8"),
  })),
);
const ending = (/** @type {string} */ end) => files.filter(({ path }) => path.endsWith(end));

test("there are pages, scripts and sheets to look at", () => {
  for (const end of [".html", ".js", ".css"]) assert.ok(ending(end).length > 2, end);
});

for (const { path, text } of ending(".html")) {
  test(`${path} has nothing inline and asks no other site`, () => {
    assert.doesNotMatch(text, /\son\w+=|\sstyle=|<style|javascript:/i);
    assert.doesNotMatch(text, /<script(?![^>]*\ssrc="\/assets\/)/i);
    assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//i);
  });
}

for (const { path, text } of ending(".js")) {
  test(`${path} makes no markup from text and asks no other site`, () => {
    const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
    assert.doesNotMatch(code, /insertAdjacentHTML|document\.write|\beval\(|new Function|\.innerHTML|\.outerHTML/);
    assert.doesNotMatch(code, /setAttribute\("style"|style:\s*["'`]/);
    assert.doesNotMatch(code, /["'`]https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });
}

for (const { path, text } of ending(".css")) {
  test(`${path} fetches nothing`, () => {
    assert.doesNotMatch(text, /@import|url\(/);
  });
}
