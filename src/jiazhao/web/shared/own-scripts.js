// Workers are started here and nowhere else. The content policy demands a trusted address for
// them (Trusted Types) and knows one policy by name, which lets through these scripts only.

const OWN = /** @type {const} */ (["/service-worker.js", "/assets/terminal/reader-worker.js"]);

/** @typedef {(typeof OWN)[number]} OwnScript */
/** @typedef {{ createScriptURL: (address: string) => string }} Policy */

/** @type {Policy | undefined} a browser without Trusted Types takes the address as it is */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("own-scripts", {
  createScriptURL: own,
});

/** @param {string} address */
function own(address) {
  if (OWN.some((known) => known === address)) return address;
  throw new TypeError("This script is not one of ours");
}

/**
 * The address of a script that may be started.
 *
 * @param {OwnScript} address
 * @returns {string}
 */
export function ownScript(address) {
  return policy ? policy.createScriptURL(address) : own(address);
}
