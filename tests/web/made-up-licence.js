// A made-up licence for tests of the licence code, and its parts signed with keys of the moment.

import { encodeCbor } from "../../src/jiazhao/web/shared/cbor.js";
import { encodeFacts } from "../../src/jiazhao/web/shared/licence-facts.js";

/** @typedef {import("../../src/jiazhao/web/shared/licence-facts.js").LicenceFacts} LicenceFacts */
/** @typedef {import("../../src/jiazhao/web/shared/licence-code.js").Sign} Sign */

export const NOW = Date.UTC(2026, 5, 1, 2) / 1000;
const KEY_ID = Uint8Array.of(1, 2, 3, 4);
const text = new TextEncoder();

/** @type {LicenceFacts} */
export const FACTS = {
  handle: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  handleAge: 30,
  signed: NOW - 3600,
  life: 720,
  deviceKey: null,
  number: "990101199002030038",
  name: "测试",
  sex: 2,
  birthDate: "1990-02-03",
  nationality: "CN",
  classes: [{ code: "C1", expiryDate: null }, { code: "C5", expiryDate: "2030-01-01" }],
  firstIssueDate: "2010-03-04",
  validFrom: "2022-03-04",
  validUntil: "2032-03-04",
  statuses: ["A"],
  points: 3,
  record: null,
  officePrefix: "川A",
  portrait: { template: 1, octets: new Uint8Array(300).fill(7) },
};

/**
 * An issuer's part of any payload.
 *
 * @param {Uint8Array} payload
 * @param {Sign} sign
 */
export async function signedPart(payload, sign) {
  const header = Uint8Array.of(0xa2, 0x01, 0x26, 0x04, 0x44, ...KEY_ID);
  const context = text.encode("jiazhao licence code 2 issuer");
  const signature = await sign(encodeCbor(["Signature1", header, context, payload]));
  return encodeCbor([header, new Map(), payload, signature]);
}

/**
 * @param {Partial<LicenceFacts>} changes
 * @param {Sign} sign
 */
export async function issuerPart(changes, sign) {
  return signedPart(encodeFacts({ ...FACTS, ...changes }), sign);
}
