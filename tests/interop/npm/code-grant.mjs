// The authorization-code grant as @openid4vc/openid4vci goes it, in two halves: the driver's
// browser is between them. Tokens are bound to a key (DPoP), the copies are a batch, the wallet
// comes back with its refresh token and says what became of the copies.
//
// stdin:  {"offer", "redirectUri", "clientId"} begins;
//         {…what the first half printed, "redirected": the address the browser was sent to} goes on
// stdout: {"authorizationRequestUrl", "kept"} · {"credentials": [base64url], "refreshed": [base64url], "tokenType"}

import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { Oauth2Client, clientAuthenticationNone, setGlobalConfig } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { readInput } from "./stdio.mjs";

setGlobalConfig({ allowInsecureUrls: true });

const COPIES = 3;
const base64url = (value) => Buffer.from(value).toString("base64url");

/** A fresh P-256 key as a private JWK. */
function newKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
}

/** The public part of a JWK. */
const publicOf = ({ kty, crv, x, y }) => ({ kty, crv, x, y });

/** Callbacks that sign with whichever of `keys` the library names. */
function callbacks(keys, clientId) {
  return {
    fetch,
    hash: (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    signJwt: ({ publicJwk }, { header, payload }) => {
      const key = keys.find(({ x }) => x === publicJwk.x);
      const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
      const privateKey = createPrivateKey({ key, format: "jwk" });
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return { jwt: `${signed}.${base64url(signature)}`, signerJwk: publicOf(key) };
    },
    clientAuthentication: clientAuthenticationNone({ clientId }),
  };
}

const signer = (key) => ({ method: "jwk", alg: "ES256", publicJwk: publicOf(key) });

async function begin({ offer, redirectUri, clientId }) {
  const dpopKey = newKey();
  const client = new Openid4vciClient({ callbacks: callbacks([dpopKey], clientId) });
  const uri = `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`;
  const credentialOffer = await client.resolveCredentialOffer(uri);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const [configuration] = credentialOffer.credential_configuration_ids;
  const begun = await client.initiateAuthorization({
    credentialOffer,
    issuerMetadata,
    clientId,
    redirectUri,
    scope: issuerMetadata.credentialIssuer.credential_configurations_supported[configuration].scope,
    state: "kept by the wallet",
    dpop: { signer: signer(dpopKey) },
  });
  const kept = { credentialOffer, configuration, dpopKey, redirectUri, clientId, verifier: begun.pkce.codeVerifier };
  return { authorizationRequestUrl: begun.authorizationRequestUrl, kept };
}

/** A batch for fresh keys. */
async function fetchBatch({ client, keys, issuerMetadata, configuration, token, dpop }) {
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const fresh = Array.from({ length: COPIES }, newKey);
  keys.push(...fresh);
  const proofs = [];
  for (const key of fresh) {
    const made = await client.createCredentialRequestJwtProof({
      issuerMetadata,
      credentialConfigurationId: configuration,
      nonce,
      signer: signer(key),
    });
    proofs.push(made.jwt);
  }
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata,
    accessToken: token.access_token,
    credentialConfigurationId: configuration,
    proofs: { jwt: proofs },
    dpop,
  });
  return credentialResponse;
}

async function finish({ kept, redirected }) {
  const { credentialOffer, configuration, dpopKey, redirectUri, clientId, verifier } = kept;
  const keys = [dpopKey];
  const own = callbacks(keys, clientId);
  const client = new Openid4vciClient({ callbacks: own });
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
  const answer = client.parseAndVerifyAuthorizationResponseRedirectUrl({
    url: redirected,
    authorizationServerMetadata,
  });
  const dpop = { signer: signer(dpopKey) };
  const { accessTokenResponse: token } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    authorizationCode: answer.code,
    pkceCodeVerifier: verifier,
    redirectUri,
    dpop,
  });
  const first = await fetchBatch({ client, keys, issuerMetadata, configuration, token, dpop });
  await client.sendNotification({
    issuerMetadata,
    notification: { notificationId: first.notification_id, event: "credential_accepted" },
    accessToken: token.access_token,
    dpop,
  });
  const { accessTokenResponse: again } = await new Oauth2Client({ callbacks: own }).retrieveRefreshTokenAccessToken({
    authorizationServerMetadata,
    refreshToken: token.refresh_token,
    dpop,
  });
  const second = await fetchBatch({ client, keys, issuerMetadata, configuration, token: again, dpop });
  const credentials = (batch) => batch.credentials.map(({ credential }) => credential);
  return { credentials: credentials(first), refreshed: credentials(second), tokenType: token.token_type };
}

try {
  const given = await readInput();
  console.log(JSON.stringify(await (given.kept ? finish(given) : begin(given))));
} catch (error) {
  const answer = error.errorResponse ?? error.response?.credentialErrorResponseResult?.data ?? {};
  console.error(JSON.stringify({ name: error.constructor.name, message: error.message, error: answer.error }));
  process.exitCode = 1;
}
