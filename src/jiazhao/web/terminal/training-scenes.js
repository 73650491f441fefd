// What may come on duty, as training offers it: which code of the set is shown, and how.

/** @typedef {import("./training-shift.js").Circumstances} Circumstances */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */

/**
 * @typedef {object} Scene
 * @property {string} id
 * @property {MessageKey} name
 * @property {string} shows  the case of the set
 * @property {string} [typed]  the case after the driver has typed the digits
 * @property {Circumstances} [circumstances]
 */

/** What the driver drives, where a scene says nothing else. */
export const VEHICLE = "C1";

/** @type {readonly Scene[]} */
export const SCENES = [
  { id: "valid", name: "training.valid", shows: "valid" },
  { id: "other-class", name: "training.other_class", shows: "valid", circumstances: { vehicleClass: "A1" } },
  { id: "points", name: "training.points", shows: "points" },
  { id: "detained", name: "training.detained", shows: "detained" },
  { id: "suspended", name: "training.suspended", shows: "suspended" },
  { id: "listed", name: "training.listed", shows: "listed" },
  { id: "lapsed", name: "training.lapsed", shows: "lapsed" },
  { id: "forged", name: "training.forged", shows: "forged" },
  { id: "expired-code", name: "training.expired_code", shows: "expired-code" },
  { id: "used", name: "training.used", shows: "valid", circumstances: { used: true } },
  { id: "digits", name: "training.digits", shows: "digits", typed: "digits-typed" },
  { id: "face", name: "training.face", shows: "face" },
  { id: "no-face", name: "training.no_face", shows: "no-face" },
  { id: "old-list", name: "training.old_list", shows: "old-list" },
  { id: "clock", name: "training.clock", shows: "valid", circumstances: { clockSet: true } },
];
