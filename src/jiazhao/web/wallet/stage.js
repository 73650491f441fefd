// Where the holder stands, from what the register says and what this device keeps.

/** @typedef {import("../shared/answers.js").WalletAnswer} WalletAnswer */
/** @typedef {import("./vault.js").KeptInstance} KeptInstance */

/**
 * claimed      the licence in force is on this device
 * interrupted  its key is here, but the credential never arrived
 * waiting      it was claimed onto this device, and a person decides first
 * denied       that claim was denied
 * lapsed       this device held it; another device, or nobody, holds it now
 * wiped        this device holds it by the register, and the browser has deleted what it kept
 * elsewhere    another device holds it, this one never did
 * claimable    nobody holds it and it may be claimed
 * refused      nobody holds it and the rules refuse a claim
 *
 * @typedef {"claimed" | "interrupted" | "waiting" | "denied" | "lapsed" | "wiped" | "elsewhere" | "claimable" | "refused"} Stage
 */

/**
 * @param {Pick<WalletAnswer, "instance" | "claim">} answer
 * @param {readonly Pick<KeptInstance, "deviceKey" | "credential" | "waiting">[]} kept  of the same licence
 * @param {string | null} [marked]  the key that this browser held last
 * @returns {Stage}
 */
export function stageOf({ instance, claim }, kept, marked = null) {
  const here = kept.find(({ deviceKey }) => deviceKey === instance?.device_key);
  if (here?.credential) return "claimed";
  const waiting = kept.map((one) => one.waiting).find((one) => one);
  if (waiting && !waiting.over) return "waiting";
  if (here) return "interrupted";
  if (waiting) return "denied";
  if (kept.some(({ credential }) => credential !== null)) return "lapsed";
  if (instance) return instance.device_key === marked ? "wiped" : "elsewhere";
  return claim.allowed ? "claimable" : "refused";
}
