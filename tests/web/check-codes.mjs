// Checks the licence codes that come as vectors in one JSON array on standard input, and writes
// what came of each, in the words that a terminal without a network would show.

import { text } from "node:stream/consumers";

import { reasonSentence, whatToDo } from "../../src/jiazhao/web/shared/reasons.js";
import { checkLicenceCode } from "./judge.js";
import { TABLES } from "./rule-tables.js";

const found = [];
for (const vector of JSON.parse(await text(process.stdin))) {
  const { verdict, licence, portrait, driving, heardAt } = await checkLicenceCode(vector, TABLES);
  const { outcome, step, reason, checks } = verdict;
  found.push({
    outcome,
    step,
    reason,
    sentence: reasonSentence(verdict),
    todo: whatToDo(verdict),
    steps: checks.map((check) => [check.status, check.reason]),
    number: licence?.number ?? null,
    portrait: portrait && Buffer.from(portrait).toString("hex"),
    driving: driving && driving.map(({ code }) => code),
    heard_at: heardAt && heardAt / 1000,
    confirmed_at: verdict.lastConfirmedAt && verdict.lastConfirmedAt / 1000,
  });
}
process.stdout.write(JSON.stringify(found));
