// Runs one peer over many presentations: node verify.mjs auth0|owf|animo
//
// stdin: {"roots": [PEM], "now": ISO 8601, "docType",
//         "present": {name: {"issuerSigned", "deviceKeyJwk", "session", "transcript", "elements": [[name space, id]]}},
//         "verify": {name: {"deviceResponse", "session", "transcript"}}}
// Octets are base64url. `transcript` is the encoded SessionTranscript, `session` the values
// {"clientId", "nonce", "responseUri"} that it was made of.
// stdout: {"name", "version", "presented": {name: octets},
//          "verified": {name: {"accepted": true, "elements"} | {"accepted": false, "reason"}}}

import { standAt } from "./clock.mjs";
import { octets, readInput } from "./stdio.mjs";

async function verdict({ deviceResponse, transcript, session }, roots, now) {
  const verify = peer.verifier({ transcript: octets(transcript), session, roots, now });
  const verified = await verify(octets(deviceResponse));
  return { accepted: true, elements: peer.elements(verified) };
}

const { present = {}, verify = {}, roots, now, docType } = await readInput();
if (now !== undefined) standAt(now);
const peer = await import(`./${process.argv[2]}.mjs`);
const presented = {};
for (const [name, holder] of Object.entries(present)) {
  const { issuerSigned, transcript } = holder;
  const response = await peer.present({
    ...holder, docType, issuerSigned: octets(issuerSigned), transcript: octets(transcript),
  });
  presented[name] = Buffer.from(response).toString("base64url");
}
const verified = {};
for (const [name, presentation] of Object.entries(verify)) {
  // A refusal is an answer here, whatever the peer throws.
  verified[name] = await verdict(presentation, roots, new Date(now)).catch((error) => ({
    accepted: false, reason: error.message,
  }));
}
console.log(JSON.stringify({ name: peer.name, version: peer.version, presented, verified }));
