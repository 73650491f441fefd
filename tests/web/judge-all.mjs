// Judges the vectors that come as one JSON array on standard input, and writes what came of each.

import { text } from "node:stream/consumers";

import { judge } from "./judge.js";
import { TABLES } from "./rule-tables.js";

const judged = [];
for (const vector of JSON.parse(await text(process.stdin))) judged.push(await judge(vector, TABLES));
process.stdout.write(JSON.stringify(judged));
