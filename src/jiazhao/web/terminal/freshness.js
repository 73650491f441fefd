// How old a confirmation is, in words: an officer must not have to subtract clock times.

import { clockTime, t } from "../shared/i18n.js";

const JUST_NOW = 2;
const IN_SECONDS = 90;
const IN_MINUTES = 60 * 60;

/**
 * @param {string | null} confirmedAt
 * @param {number} now  milliseconds by the register's clock
 * @returns {string}
 */
export function freshness(confirmedAt, now) {
  if (confirmedAt === null) return t("verdict.never_confirmed");
  const time = clockTime(confirmedAt);
  const seconds = Math.max(0, Math.round((now - Date.parse(confirmedAt)) / 1000));
  if (seconds <= JUST_NOW) return t("verdict.confirmed_now", { time });
  if (seconds < IN_SECONDS) return t("verdict.confirmed_seconds", { seconds, time });
  if (seconds < IN_MINUTES) {
    return t("verdict.confirmed_minutes", { minutes: Math.round(seconds / 60), time });
  }
  return t("verdict.confirmed_at", { time });
}
