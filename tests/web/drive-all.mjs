// Judges driving for the states that come as one JSON array on standard input.

import { text } from "node:stream/consumers";

import { checkDriving, rulesOn } from "../../src/jiazhao/web/shared/rules.js";
import { stateOf, TABLES } from "./rule-tables.js";

const judged = JSON.parse(await text(process.stdin)).map((/** @type {any} */ { state, needed, on }) =>
  checkDriving(stateOf(state), needed, rulesOn(TABLES, on)),
);
process.stdout.write(JSON.stringify(judged));
