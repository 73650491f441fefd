// Refilling: with its refresh token the wallet comes back for the issuer's part of the licence
// code, and for copies that are used once. It does so by itself after a contact; a renewal or a
// change of classes brings new ones in the same way, and nothing is to be claimed again.

import { asProblem } from "../shared/api.js";
import { fromBase64url } from "../shared/base64url.js";
import { proofKey } from "./jwt.js";
import { IN_THE_BACKGROUND, comeBack } from "./openid4vci.js";
import { change, instancesOf, makeKeyPair, vouchedOf } from "./vault.js";
import { Vouching } from "./vouching.js";

const CODE_FORMAT = "jiazhao-licence-code";
const COPY_FORMATS = ["mso_mdoc", "dc+sd-jwt"];

/** With so many unused copies of a format left, it is time for more. */
const REFILL_AT = 3;

/** What the issuer says where it is no use to come back. */
const FINAL = ["invalid_grant", "unauthorized_client"];

/** @typedef {import("./vault.js").KeptInstance} KeptInstance */
/** @typedef {import("./vault.js").Copy} Copy */
/** @typedef {import("./openid4vci.js").Wish} Wish */

/**
 * Come back for what is lacking; one tab does it.
 *
 * @param {KeptInstance} instance
 * @param {{ now: number, facts: string | null, renew: boolean }} options  milliseconds by the
 *   register's clock; what the licence says, where that is known; whether the service said at the
 *   last contact that a new part of the code is due
 * @returns {Promise<"nothing" | "refilled" | "over">}
 */
export async function refill(instance, { now, facts, renew }) {
  const act = async () => {
    // Another tab may have come back meanwhile.
    const fresh = (await instancesOf(instance.archiveNumber)).find(({ deviceKey }) => deviceKey === instance.deviceKey);
    if (!fresh?.tokens) return "nothing";
    const changed = facts !== null && fresh.facts !== undefined && facts !== fresh.facts;
    const wishes = wishesOf(fresh, now, { changed, renew });
    if (wishes.length === 0) return "nothing";
    const outcome = await come(fresh, wishes, now);
    const said = facts ?? fresh.facts;
    if (said !== undefined && outcome === "refilled") await change(fresh.deviceKey, (kept) => ({ ...kept, facts: said }));
    return outcome;
  };
  if (!navigator.locks) return act();
  return navigator.locks.request("jiazhao-refill", act);
}

/**
 * @param {KeptInstance} instance
 * @param {readonly Wish[]} wishes
 * @param {number} now
 * @returns {Promise<"refilled" | "over">}
 */
async function come(instance, wishes, now) {
  const { deviceKey, tokens } = instance;
  if (!tokens) return "over";
  const key = await proofKey(instance.keyPair);
  const vouching = new Vouching(vouchedOf(deviceKey), now / 1000, { patience: IN_THE_BACKGROUND });
  try {
    await comeBack(tokens, key, wishes, {
      now: now / 1000,
      vouching,
      keep: async (renewed) => {
        await change(deviceKey, (kept) => ({ ...kept, tokens: renewed }));
      },
    });
    return "refilled";
  } catch (error) {
    if (!FINAL.includes(asProblem(error).error)) throw error;
    await change(deviceKey, (kept) => ({ ...kept, tokens: null }));
    return "over";
  }
}

/**
 * @param {KeptInstance} instance
 * @param {number} now
 * @param {{ changed: boolean, renew: boolean }} due
 * @returns {Wish[]}
 */
function wishesOf(instance, now, { changed, renew }) {
  const { codePart, copies = [] } = instance;
  const wishes = COPY_FORMATS.filter(
    (format) => changed || copies.filter((copy) => copy.format === format).length <= REFILL_AT,
  ).map((format) => copiesWish(instance, format));
  return !codePart || changed || renew ? [codeWish(instance, now), ...wishes] : wishes;
}

/**
 * The part of the licence code is for the device's own key.
 *
 * @param {KeptInstance} instance
 * @param {number} askedAt
 * @returns {Wish}
 */
function codeWish({ deviceKey, keyPair }, askedAt) {
  return {
    format: CODE_FORMAT,
    keys: async () => [await proofKey(keyPair)],
    take: async ([credential = ""]) => {
      const encoded = fromBase64url(credential);
      await change(deviceKey, (kept) => ({ ...kept, codePart: { encoded, askedAt } }));
    },
  };
}

/**
 * Copies that are used once have a key each, so that who sees two cannot tell that they are one
 * person's. They replace those that are left.
 *
 * @param {KeptInstance} instance
 * @param {string} format
 * @returns {Wish}
 */
function copiesWish({ deviceKey }, format) {
  /** @type {CryptoKeyPair[]} */
  let pairs = [];
  return {
    format,
    keys: async (most) => {
      pairs = await Promise.all(Array.from({ length: most }, makeKeyPair));
      return Promise.all(pairs.map(proofKey));
    },
    take: async (credentials) => {
      const copies = pairs.flatMap((keyPair, place) => {
        const credential = credentials[place];
        return credential === undefined ? [] : [{ format, keyPair, credential }];
      });
      await change(deviceKey, (kept) => ({
        ...kept,
        copies: [...(kept.copies ?? []).filter((one) => one.format !== format), ...copies],
      }));
    },
  };
}
