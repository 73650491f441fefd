// What a terminal holds before a code comes, from JSON, for the verifier of the pages. The modules
// are given, for Node and the page find them in different places.

/**
 * @param {{ verifyLicenceCode: any, PROFILES: any, openingKey: any, BeaconAnchor: any }} modules
 * @param {any} given  from `CodeMaker.given`
 * @returns {Promise<(octets: Uint8Array) => Promise<string>>} says the word on a code
 */
export async function checkerOf({ verifyLicenceCode, PROFILES, openingKey, BeaconAnchor }, given) {
  const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hex = (octets) => Array.from(octets, (one) => one.toString(16).padStart(2, "0")).join("");
  const { kind, period, jwk, point } = given.key;
  const key = await openingKey(jwk, fromHex(point));
  const checker = {
    trust: { roots: given.roots.map(fromHex), compromised: [] },
    signers: given.signers.map(fromHex),
    key: (of, on) => (of === kind && on === period ? key : null),
    tables: given.tables,
    beacon: new BeaconAnchor(fromHex(given.beacon)),
    lastCounter: () => given.last_counter,
    status: (handle) => ({
      mustNotDrive: hex(handle) === given.revoked,
      asOf: Date.parse(given.snapshot_as_of),
    }),
    settings: given.settings,
  };
  return async (octets) => {
    const { verdict } = await verifyLicenceCode(octets, {
      now: Date.parse(given.now),
      checker,
      profile: PROFILES.LICENCE_CODE_OFFLINE,
      challenge: null,
      face: null,
      vehicleClass: null,
    });
    return verdict.outcome;
  };
}
