// Measures one peer in rounds that the caller spaces: node bench.mjs auth0|owf|animo
//
// The first line of stdin is the material {"docType", "issuerKeyJwk", "certificate",
// "deviceKeyJwk", "nameSpaces", "validity", "roots", "session", "transcript", "responses"}.
// In `nameSpaces` a full-date is {"date"} and an octet string {"octets"}. Each later line is
// {"what": "issue"|"verify"|"verifyAnew", "times"}; the answer is the nanoseconds that they took
// together. "verifyAnew" keeps keys and no certificates, as a context without a memory does.

import { createInterface } from "node:readline";
import { keepCertificates } from "./context.mjs";
import { octets } from "./stdio.mjs";

const peer = await import(`./${process.argv[2]}.mjs`);

/** The values as the peer's issuer takes them. */
function native(value) {
  if (Array.isArray(value)) return value.map(native);
  if (value === null || typeof value !== "object") return value;
  if ("date" in value) return peer.fullDate(value.date);
  if ("octets" in value) return octets(value.octets);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, native(item)]));
}

function subjects(material) {
  const { validity, nameSpaces, responses, transcript } = material;
  const dates = Object.fromEntries(Object.entries(validity).map(([name, instant]) => [name, new Date(instant)]));
  const issue = peer.issuer({ ...material, nameSpaces: native(nameSpaces), validity: dates });
  const verify = peer.verifier({ ...material, transcript: octets(transcript), now: new Date() });
  const shown = responses.map(octets);
  const verifyOne = (round) => verify(shown[round % shown.length]);
  const verifyAnew = async (round) => {
    keepCertificates(false);
    try {
      return await verifyOne(round);
    } finally {
      keepCertificates(true);
    }
  };
  return { issue, verify: verifyOne, verifyAnew };
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const subject = subjects(JSON.parse((await lines.next()).value));
console.log(JSON.stringify({ name: peer.name, version: peer.version }));

for await (const line of lines) {
  const { what, times } = JSON.parse(line);
  const start = process.hrtime.bigint();
  for (let round = 0; round < times; round += 1) await subject[what](round);
  console.log(JSON.stringify({ nanoseconds: Number(process.hrtime.bigint() - start) }));
}
