import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { before, test } from "node:test";

import { readCbor } from "../../src/jiazhao/web/shared/cbor-reader.js";
import { concatenate, encodeCbor } from "../../src/jiazhao/web/shared/cbor.js";
import { ephemeralKey } from "../../src/jiazhao/web/shared/code-sealing.js";
import {
  buildLicenceCode,
  CODE_OCTETS,
  dayOf,
  IssuerPart,
  Kind,
  openLicenceCode,
  parsePlaintext,
  parseSealedCode,
} from "../../src/jiazhao/web/shared/licence-code.js";
import { encodeFacts, parseFacts } from "../../src/jiazhao/web/shared/licence-facts.js";
import { PublicKey } from "../../src/jiazhao/web/shared/public-key.js";
import { ephemeralPair, opening, openingPair, pointOf, signingPair } from "./keys.js";
import { FACTS, issuerPart, NOW, signedPart } from "./made-up-licence.js";

/** @typedef {Awaited<ReturnType<typeof signingPair>>} SigningPair */

const UNREADABLE = { code: "unreadable" };
const CONTENT = { time: NOW, counter: 7, nonce: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1), challenge: 42, beacon: null };
/** @type {SigningPair} */
let issuer;
/** @type {SigningPair} */
let device;
/** @type {Awaited<ReturnType<typeof openingPair>>} */
let terminals;

before(async () => {
  [issuer, device, terminals] = await Promise.all([signingPair(), signingPair(), openingPair()]);
});

const part = async () => IssuerPart.parse(await issuerPart({ deviceKey: device.key }, issuer.sign));
const dayKey = () => ({ day: dayOf(NOW), point: new PublicKey(terminals.point).compressed });
const by = async () => ({ sign: device.sign, dayKey: dayKey(), ephemeral: await ephemeralKey() });

test("a code is opened by the terminals of its day, and says what was put in", async () => {
  const code = await buildLicenceCode(await part(), CONTENT, await by());

  assert.equal(code.length, CODE_OCTETS);
  const sealed = parseSealedCode(code);
  assert.deepEqual([sealed.kind, sealed.period], [Kind.SHOWN, dayOf(NOW)]);
  const { issuerPart: opened, holderPart } = await openLicenceCode(sealed, terminals);
  assert.deepEqual(await opened.verify(issuer.key), { ...FACTS, deviceKey: device.key });
  assert.deepEqual(holderPart?.content, CONTENT);
  await holderPart?.verify(device.key, opened);
});

test("nothing about the person comes out before the issuer's signature was checked", async () => {
  const opened = await part();
  const kept = JSON.stringify(opened) + String(opened);
  assert.doesNotMatch(kept, /测试|9901011990|1990-02-03/);
  assert.deepEqual(Object.keys(opened).sort(), ["deviceKey", "encoded", "endsAt", "header", "keyId", "signature", "signed"]);
  await assert.rejects(opened.verify(device.key), { code: "signature_mismatch" });
});

test("a holder's part belongs to one issuer's part and one device", async () => {
  const code = await buildLicenceCode(await part(), CONTENT, await by());
  const { issuerPart: opened, holderPart } = await openLicenceCode(parseSealedCode(code), terminals);
  const mismatch = { code: "holder_signature_mismatch" };
  await assert.rejects(async () => holderPart?.verify(issuer.key, opened), mismatch);
  await assert.rejects(async () => holderPart?.verify(device.key, await part()), mismatch);
});

test("two codes of one moment have no octets in common but the head", async () => {
  const one = await buildLicenceCode(await part(), CONTENT, await by());
  const other = await buildLicenceCode(await part(), CONTENT, await by());
  const alike = one.filter((octet, at) => octet === other[at]).length;
  assert.ok(alike < 40, String(alike));
});

test("there is no code without the key of its day, nor from content that the format does not hold", async () => {
  const made = await part();
  const given = await by();
  for (const day of [dayOf(NOW) - 1, dayOf(NOW) + 1]) {
    const wrong = { ...given, dayKey: { ...given.dayKey, day } };
    await assert.rejects(buildLicenceCode(made, CONTENT, wrong), RangeError);
  }
  for (const change of [
    { time: -1 }, { time: 2 ** 32 }, { counter: 0 }, { counter: 2 ** 32 }, { nonce: new Uint8Array(7) },
    { challenge: 10_000 }, { challenge: -1 }, { beacon: new Uint8Array(14) },
  ]) {
    const content = { ...CONTENT, ...change };
    const of = { ...given, dayKey: { ...given.dayKey, day: dayOf(content.time) } };
    await assert.rejects(buildLicenceCode(made, content, of), UNREADABLE, Object.keys(change)[0]);
  }
});

test("days change at midnight in Shanghai", () => {
  const midnight = Date.UTC(2026, 5, 1, 16) / 1000;
  assert.equal(dayOf(midnight) - dayOf(midnight - 1), 1);
  assert.equal(dayOf(midnight), Date.UTC(2026, 5, 2) / 86_400_000);
});

test("another length, another kind and a point off the curve are refused", async () => {
  const code = await buildLicenceCode(await part(), CONTENT, await by());
  assert.throws(() => parseSealedCode(code.subarray(1)), UNREADABLE);
  assert.throws(() => parseSealedCode(concatenate([code, Uint8Array.of(0)])), UNREADABLE);
  for (const kind of [0, 1, 4, 0x4a]) assert.throws(() => parseSealedCode(code.with(0, kind)), UNREADABLE);
  for (const wrong of [code.with(3, 4), code.with(3, (code[3] ?? 0) ^ 1), ...Array(16).keys()]) {
    const changed = typeof wrong === "number" ? code.with(35, (code[35] ?? 0) ^ (wrong + 1)) : wrong;
    await assert.rejects(openLicenceCode(parseSealedCode(changed), terminals), UNREADABLE);
  }
});

test("a plaintext has one spelling and one padding", async () => {
  const issued = await issuerPart({}, issuer.sign);
  const backup = concatenate([Uint8Array.of(0x82), issued, Uint8Array.of(0xf6)]);
  const padded = (/** @type {Uint8Array[]} */ ...parts) => concatenate(parts);
  const end = Uint8Array.of(0x80, 0, 0);

  assert.equal(parsePlaintext(padded(backup, end), Kind.BACKUP).holderPart, null);

  const [header, , payload, signature] = /** @type {Uint8Array[]} */ (readCbor(issued, "part"));
  const parts = (/** @type {any[]} */ part) =>
    concatenate([Uint8Array.of(0x82), encodeCbor(part), Uint8Array.of(0xf6), end]);
  const [h, p, s] = /** @type {Uint8Array[]} */ ([header, payload, signature]);
  const wrong = {
    "no padding": backup,
    "only zeros": new Uint8Array(666),
    "another padding": padded(backup, Uint8Array.of(0x81, 0)),
    "octets after the code": padded(backup, Uint8Array.of(0), end),
    "a code that is shown": null,
    "an unprotected header": parts([h, new Map([[4, p]]), p, s]),
    "another algorithm": parts([h?.with(2, 0x38), new Map(), p, s]),
    "a signature of 63 octets": parts([h, new Map(), p, s?.subarray(1)]),
    "no payload": parts([h, new Map(), null, s]),
    "an array of three": concatenate([Uint8Array.of(0x83), issued, Uint8Array.of(0xf6, 0xf6), end]),
    "an indefinite array": concatenate([Uint8Array.of(0x9f), issued, Uint8Array.of(0xf6, 0xff), end]),
    "a long head": concatenate([Uint8Array.of(0x98, 2), issued, Uint8Array.of(0xf6), end]),
  };
  for (const [name, plaintext] of Object.entries(wrong)) {
    const kind = plaintext ? Kind.BACKUP : Kind.SHOWN;
    assert.throws(() => parsePlaintext(plaintext ?? padded(backup, end), kind), UNREADABLE, name);
  }
});

test("what the issuer says is read as it was written, whatever it leaves out", () => {
  for (const changes of [
    {},
    { deviceKey: device.key, handleAge: 0 },
    { nationality: "DE", number: "DE-C01X00T47", name: "MUSTERMANN ERIKA" },
    { number: "99010119900203002X" },
    { classes: [], statuses: ["B", "H", "U"], record: true, portrait: null, validUntil: null },
    { classes: [{ code: "A1", expiryDate: "2026-06-01" }, { code: "P", expiryDate: null }] },
    { record: "须佩戴矫正镜片", birthDate: "1929-12-31", firstIssueDate: "0001-01-01", validUntil: "9999-12-31" },
  ]) {
    const facts = { ...FACTS, ...changes };
    assert.deepEqual(parseFacts(encodeFacts(/** @type {any} */ (facts))), facts);
  }
});

test("content that the format does not hold, or in a second spelling, is refused", () => {
  const row = /** @type {any[]} */ (readCbor(encodeFacts(FACTS), "facts"));
  assert.equal(row.length, 19);
  const wrong = [
    [0, new Uint8Array(7)], [0, "12345678"], [1, -1], [1, 2n ** 53n], [2, 2 ** 32], [3, 0], [3, 8785],
    [4, new Uint8Array(33)], [5, 10n ** 16n - 1n], [5, 10n ** 17n], [5, FACTS.number], [5, ""],
    [5, "x".repeat(33)], [6, ""], [6, "名".repeat(67)], [7, 3], [8, 2_932_897], [8, -719_163], [8, "1990-02-03"],
    [9, "CN"], [9, "de"], [9, "DEU"], [10, 2 ** 17], [10, [32, []]], [10, [32, [[4, 1]]]], [10, [32, [[5, 1], [5, 2]]]],
    [10, [96, [[6, 1], [5, 1]]]], [13, false], [14, ""], [14, "UB"], [14, "BB"], [14, "O"], [14, "a"],
    [15, -1], [16, ""], [16, "x".repeat(61)], [16, false], [17, ""], [17, "x".repeat(17)],
    [18, [2, new Uint8Array(300)]], [18, [1, new Uint8Array()]], [18, [1, new Uint8Array(501)]], [18, [1]], [18, true],
  ];
  for (const [at, value] of wrong) {
    const changed = encodeCbor(row.with(/** @type {number} */ (at), value));
    assert.throws(() => parseFacts(changed), UNREADABLE, `${at}: ${value}`);
  }
  assert.throws(() => parseFacts(encodeCbor(row.slice(1))), UNREADABLE);
  assert.throws(() => parseFacts(encodeCbor([...row, null])), UNREADABLE);
});

test("a part of another payload is refused when it is issued, not when it is shown", async () => {
  await assert.rejects(async () => IssuerPart.parse(await signedPart(encodeCbor([1]), issuer.sign)), UNREADABLE);
});

// -- the vectors, which the service runs too

const VECTORS = new URL("../../vectors/licence-code/", import.meta.url);
const FILES = readdirSync(VECTORS).map((name) => ({
  name,
  vector: JSON.parse(readFileSync(new URL(name, VECTORS), "utf8")),
}));
const GOOD = FILES.filter(({ name }) => name.startsWith("good"));
const BAD = FILES.filter(({ name }) => name.startsWith("bad-"));
const hex = (/** @type {Uint8Array} */ octets) => Buffer.from(octets).toString("hex");
const fromHex = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text, "hex"));
const orNull = (/** @type {Uint8Array | null | undefined} */ octets) => (octets ? hex(octets) : null);

test("there are vectors of both kinds, shown and printed", () => {
  assert.equal(GOOD.length + BAD.length, FILES.length);
  assert.ok(GOOD.length >= 10 && BAD.length >= 100);
  assert.deepEqual(new Set(GOOD.map(({ vector }) => vector.kind)), new Set(Object.values(Kind)));
});

for (const { name, vector } of GOOD) {
  test(`${name}: its parts are read, and say what the vector says`, async () => {
    const { issuer: said, holder } = vector;
    const sealed = parseSealedCode(fromHex(vector.octets));
    assert.deepEqual([sealed.kind, sealed.period], [vector.kind, vector.period]);
    const { issuerPart, holderPart } = await openLicenceCode(sealed, await opening(vector.opening_key));

    assert.equal(hex(issuerPart.encoded), vector.issuer_part);
    assert.equal(orNull(holderPart?.encoded), vector.holder_part);
    assert.equal(hex(issuerPart.keyId), said.kid);
    /** @type {string | null} */
    let signed = null;
    const key = { verify: async (/** @type {unknown} */ _, /** @type {Uint8Array} */ message) => void (signed = hex(message)) };
    const facts = await issuerPart.verify(/** @type {any} */ (key));
    assert.equal(signed, vector.issuer_to_be_signed);
    assert.deepEqual(asTheVectorsWrite(facts), { ...said, kid: undefined });
    assert.deepEqual(holderPart && { ...holderPart.content, nonce: hex(holderPart.content.nonce), beacon: orNull(holderPart.content.beacon) }, holder);
    if (holderPart && facts.deviceKey) await holderPart.verify(facts.deviceKey, issuerPart);
  });
}

for (const { name, vector } of GOOD.filter(({ vector }) => vector.kind === Kind.SHOWN)) {
  test(`${name}: a wallet makes the same octets`, async () => {
    const { holder } = vector;
    const signature = fromHex(vector.holder_part.slice(-128));
    /** @type {string | null} */
    let signed = null;
    const code = await buildLicenceCode(
      IssuerPart.parse(fromHex(vector.issuer_part)),
      { ...holder, nonce: fromHex(holder.nonce), beacon: holder.beacon && fromHex(holder.beacon) },
      {
        sign: async (message) => {
          signed = hex(message);
          return signature;
        },
        dayKey: { day: vector.period, point: new PublicKey(pointOf(vector.opening_key)).compressed },
        ephemeral: await ephemeralPair(vector.ephemeral_key),
      },
    );
    assert.equal(signed, vector.holder_to_be_signed);
    assert.equal(hex(code), vector.octets);
  });
}

test("each bad vector is refused", async () => {
  for (const { name, vector } of BAD) {
    const read = async () =>
      openLicenceCode(parseSealedCode(fromHex(vector.octets)), await opening(vector.opening_key));
    await assert.rejects(read, UNREADABLE, name);
  }
});

/** @param {import("../../src/jiazhao/web/shared/licence-facts.js").LicenceFacts} facts */
function asTheVectorsWrite(facts) {
  const { portrait } = facts;
  return {
    kid: undefined,
    handle: hex(facts.handle),
    handle_age: facts.handleAge,
    signed: facts.signed,
    life: facts.life,
    device_key: orNull(facts.deviceKey?.compressed),
    number: facts.number,
    name: facts.name,
    sex: facts.sex,
    birth_date: facts.birthDate,
    nationality: facts.nationality,
    classes: facts.classes.map(({ code, expiryDate }) => ({ code, expiry_date: expiryDate })),
    first_issue_date: facts.firstIssueDate,
    valid_from: facts.validFrom,
    valid_until: facts.validUntil,
    statuses: facts.statuses.join(""),
    points: facts.points,
    record: facts.record,
    office_prefix: facts.officePrefix,
    portrait: portrait && { template: portrait.template, octets: hex(portrait.octets) },
  };
}
