// A moment as people say it: today by the clock alone, else with its day.

import { clockTime, dayAndTime } from "./i18n.js";

/**
 * @param {number} instant  milliseconds since 1970
 * @param {number} now      likewise
 */
export function moment(instant, now) {
  const whole = dayAndTime(instant);
  return whole.slice(0, 10) === dayAndTime(now).slice(0, 10) ? clockTime(instant) : whole;
}
