// A wallet that we did not write: @openid4vc/openid4vci over HTTP, with its own
// P-256 key and node:crypto behind the library's callbacks.
//
// stdin:  {"offer": <openid-credential-offer:// URI | http(s) offer URL | offer object>, "txCode": "…"?}
// stdout: {"credential": base64url, "deviceKeyJwk": private JWK (tests only), "offer", "issuerMetadata", "steps"}
// stderr: {"step", "name", "message", "error"?, "description"?}, with exit code 1

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { clientAuthenticationAnonymous, setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { readInput } from "./stdio.mjs";

// The demo stands on http://localhost; the library wants https unless told so.
setGlobalConfig({ allowInsecureUrls: true });

const base64url = (value) => Buffer.from(value).toString("base64url");

/** ES256 over the compact form; the library decides header and payload. */
function signJwt(privateKey, publicJwk, { header, payload }) {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return { jwt: `${signed}.${base64url(signature)}`, signerJwk: publicJwk };
}

/** The library's callbacks. What the flow must not need throws when it is called. */
function callbacks({ privateKey, publicJwk }) {
  const unused = (name) => () => {
    throw new Error(`the issuer made the wallet call ${name}`);
  };
  return {
    fetch,
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    signJwt: (_signer, jwt) => signJwt(privateKey, publicJwk, jwt),
    verifyJwt: unused("verifyJwt"),
    decryptJwe: unused("decryptJwe"),
    encryptJwe: unused("encryptJwe"),
    clientAuthentication: clientAuthenticationAnonymous(),
  };
}

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
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicJwk = publicKey.export({ format: "jwk" });
  const client = new Openid4vciClient({ callbacks: callbacks({ privateKey, publicJwk }) });

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
    signer: { method: "jwk", alg: "ES256", publicJwk },
  });
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata,
    accessToken: accessTokenResponse.access_token,
    credentialConfigurationId,
    proofs: { jwt: [jwt] },
  });
  const [{ credential }] = credentialResponse.credentials;
  const deviceKeyJwk = privateKey.export({ format: "jwk" });
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

