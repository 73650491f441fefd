// A wallet that we did not write: @openid4vc/openid4vci over HTTP, with its own
// P-256 key and node:crypto behind the library's callbacks.
//
// stdin:  {"offer": <openid-credential-offer:// URI | http(s) offer URL | offer object>, "txCode": "…"?}
// stdout: {"credential": base64url, "deviceKeyJwk": private JWK (tests only), "offer", "issuerMetadata", "steps"}
// stderr: {"step", "name", "message", "error"?, "description"?}, with exit code 1

import { clientAuthenticationAnonymous } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { readInput } from "./stdio.mjs";
import { callbacks, newKey, signer } from "./wallet-keys.mjs";

/** An offer by value or by reference, as the URI that a QR code would hold. */
function offerUri(offer) {
  if (typeof offer === "object") {
    return `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`;
  }
  if (offer.startsWith("http")) {
    return `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(offer)}`;
  }
  return offer;
}

/** The mdoc configuration among those that are offered. */
function mdocConfiguration(offer, issuerMetadata) {
  const supported = issuerMetadata.credentialIssuer.credential_configurations_supported;
  const id = offer.credential_configuration_ids.find((id) => supported[id]?.format === "mso_mdoc");
  if (id === undefined) throw new Error("the offer names no mso_mdoc configuration of the metadata");
  return id;
}

async function claim({ offer: scanned, txCode }, step) {
  const deviceKeyJwk = newKey();
  const client = new Openid4vciClient({ callbacks: callbacks([deviceKeyJwk], clientAuthenticationAnonymous()) });

  step("offer");
  const offer = await client.resolveCredentialOffer(offerUri(scanned));
  step("metadata");
  const issuerMetadata = await client.resolveIssuerMetadata(offer.credential_issuer);
  const credentialConfigurationId = mdocConfiguration(offer, issuerMetadata);
  step("token");
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer: offer,
    issuerMetadata,
    txCode,
  });
  step("nonce");
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  step("credential");
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata,
    credentialConfigurationId,
    nonce,
    signer: signer(deviceKeyJwk),
  });
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata,
    accessToken: accessTokenResponse.access_token,
    credentialConfigurationId,
    proofs: { jwt: [jwt] },
  });
  const [{ credential }] = credentialResponse.credentials;
  return { credential, deviceKeyJwk, offer, issuerMetadata };
}

/** What the issuer answered, wherever this library put it. */
function answered(error) {
  const answer = error.errorResponse ?? error.response?.credentialErrorResponseResult?.data ?? {};
  return { error: answer.error, description: answer.error_description };
}

const steps = [];
try {
  const result = await claim(await readInput(), (name) => steps.push(name));
  console.log(JSON.stringify({ ...result, steps }));
} catch (error) {
  const { message } = error;
  console.error(JSON.stringify({ step: steps.at(-1), name: error.constructor.name, message, ...answered(error) }));
  process.exitCode = 1;
}

