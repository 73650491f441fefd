// Tells screen readers what changed on the screen, through one quiet and one urgent region
// that stay in the page (regions made at the moment of the message are often not read).

import { byId } from "./dom.js";

/**
 * @param {string} text
 * @param {{ urgent?: boolean }} [options]
 */
export function announce(text, { urgent = false } = {}) {
  const region = byId(urgent ? "alarm" : "news");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}
