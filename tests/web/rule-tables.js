// The rule tables of the service, as a shift brings them: each file by the name of its table.

import { readFileSync } from "node:fs";

const FILES = {
  classes: "classes",
  class_includes: "class_includes",
  statuses: "status_codes",
  age_limits: "age_limits",
  figures: "figures",
  refusals: "refusals",
};
const DATA = new URL("../../src/jiazhao/rules/data/", import.meta.url);

export const TABLES = Object.fromEntries(
  Object.entries(FILES).map(([table, file]) => [
    table,
    JSON.parse(readFileSync(new URL(`${file}.json`, DATA), "utf8")),
  ]),
);

/**
 * A licence's state as the vectors write it.
 *
 * @param {any} given
 * @returns {import("../../src/jiazhao/web/shared/rules.js").LicenceState}
 */
export function stateOf(given) {
  return {
    recorded: given.recorded,
    points: given.points,
    validFrom: given.valid_from,
    validUntil: given.valid_until,
    birthDate: given.birth_date,
    classes: given.classes.map((/** @type {any} */ each) => ({
      code: each.code,
      issueDate: each.issue_date,
      expiryDate: each.expiry_date,
    })),
  };
}
