// A wallet that takes every offered configuration by either grant, as @openid4vc/openid4vci goes it:
// tokens bound to a key (DPoP), batches, refresh, notification; and a claim that waits.
// The driver's browser, and whoever decides, act between the steps. With a wallet provider (its key and
// certificates) the wallet does what HAIP 1.0 asks: it is attested, and so are its keys, all keys of a
// batch at once; in a proof at first, after a refresh as a proof.
//
// stdin:  {"step": "begin", "offer", "redirectUri", "clientId", "provider"?}   the code grant, first half
//         {"step": "finish", "kept", "redirected"}                       its second half
//         {"step": "preAuthorized", "offer", "txCode"}
//         {"step": "refresh", "kept"}                                    with new keys
//         {"step": "collect", "kept", "again"}                           what was put off
// stdout: {"authorizationRequestUrl", "kept"}
//         {"tokenType", "batches": {configuration: {"credentials", "notificationId"} | {"transactionId", "interval"}},
//          "deviceKeys": {configuration: [public JWK]}, "metadataSigned", "kept"}

import { Oauth2Client, clientAuthenticationAnonymous, clientAuthenticationNone } from "@openid4vc/oauth2";
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { readInput } from "./stdio.mjs";
import { callbacks, newKey, publicOf, signer } from "./wallet-keys.mjs";
import { asAttested, walletProvider } from "./wallet-provider.mjs";

const COPIES = 2;

/** A client, with the metadata it needs; `kept` is what the wallet remembers between the steps. */
async function wallet(kept) {
  const named = kept.clientId ? clientAuthenticationNone({ clientId: kept.clientId }) : clientAuthenticationAnonymous();
  const authentication = kept.attested ? asAttested(kept.attested) : named;
  const own = callbacks(kept.keys, authentication);
  const client = new Openid4vciClient({ callbacks: own });
  const issuerMetadata = await client.resolveIssuerMetadata(kept.credentialOffer.credential_issuer);
  const dpop = { signer: signer(kept.keys[0]) };
  return { client, own, issuerMetadata, dpop };
}

async function resolved(offer) {
  const client = new Openid4vciClient({ callbacks: callbacks([], clientAuthenticationAnonymous()) });
  return client.resolveCredentialOffer(
    `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`,
  );
}

async function begin({ offer, redirectUri, clientId, provider }) {
  const kept = { credentialOffer: await resolved(offer), keys: [newKey()], redirectUri, clientId, provider };
  if (provider) {
    const instanceKey = newKey();
    kept.attested = { attestation: await walletProvider(provider).vouch(clientId, instanceKey), instanceKey };
  }
  const { client, issuerMetadata, dpop } = await wallet(kept);
  const supported = issuerMetadata.credentialIssuer.credential_configurations_supported;
  const begun = await client.initiateAuthorization({
    credentialOffer: kept.credentialOffer,
    issuerMetadata,
    clientId,
    redirectUri,
    scope: kept.credentialOffer.credential_configuration_ids.map((id) => supported[id].scope).join(" "),
    state: "kept by the wallet",
    dpop,
  });
  const url = begun.authorizationRequestUrl;
  return { authorizationRequestUrl: url, kept: { ...kept, verifier: begun.pkce.codeVerifier } };
}

async function finish({ kept, redirected }) {
  const { client, issuerMetadata, dpop } = await wallet(kept);
  const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
  const answer = client.parseAndVerifyAuthorizationResponseRedirectUrl({ url: redirected, authorizationServerMetadata });
  const { accessTokenResponse } = await client.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer: kept.credentialOffer,
    issuerMetadata,
    authorizationCode: answer.code,
    pkceCodeVerifier: kept.verifier,
    redirectUri: kept.redirectUri,
    dpop,
  });
  return fetchAll({ ...kept, token: accessTokenResponse });
}

async function preAuthorized({ offer, txCode }) {
  const kept = { credentialOffer: await resolved(offer), keys: [newKey()] };
  const { client, issuerMetadata, dpop } = await wallet(kept);
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer: kept.credentialOffer,
    issuerMetadata,
    txCode,
    dpop,
  });
  return fetchAll({ ...kept, token: accessTokenResponse });
}

async function refreshed(kept) {
  const { own, issuerMetadata, dpop } = await wallet(kept);
  const { accessTokenResponse } = await new Oauth2Client({ callbacks: own }).retrieveRefreshTokenAccessToken({
    authorizationServerMetadata: issuerMetadata.authorizationServers[0],
    refreshToken: kept.token.refresh_token,
    dpop,
  });
  return { ...kept, token: accessTokenResponse, comesBack: true };
}

/** Proofs for fresh keys: one for each, or one attestation for all, in a proof or as one. */
async function proofsFor(kept, fresh, configuration) {
  const { client, issuerMetadata } = await wallet(kept);
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const provider = kept.provider && walletProvider(kept.provider);
  if (provider && kept.comesBack) return { attestation: [await provider.attest(fresh, nonce, "proof_type.attestation")] };
  const keyAttestationJwt = await provider?.attest(fresh, nonce, "proof_type.jwt");
  const jwt = [];
  for (const key of provider ? fresh.slice(0, 1) : fresh) {
    const named = { issuerMetadata, credentialConfigurationId: configuration, nonce, signer: signer(key) };
    jwt.push((await client.createCredentialRequestJwtProof({ ...named, keyAttestationJwt })).jwt);
  }
  return { jwt };
}

/** A batch of every configuration that was offered, each for fresh keys. */
async function fetchAll(kept) {
  const { client, issuerMetadata, dpop } = await wallet(kept);
  const batches = {};
  const deviceKeys = {};
  for (const configuration of kept.credentialOffer.credential_configuration_ids) {
    const fresh = Array.from({ length: COPIES }, newKey);
    kept.keys.push(...fresh);
    deviceKeys[configuration] = fresh.map(publicOf);
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata,
      accessToken: kept.token.access_token,
      credentialConfigurationId: configuration,
      proofs: await proofsFor(kept, fresh, configuration),
      dpop,
    });
    batches[configuration] = await told(kept, credentialResponse);
  }
  return {
    tokenType: kept.token.token_type,
    batches,
    deviceKeys,
    metadataSigned: issuerMetadata.signedCredentialIssuer !== undefined,
    kept: { ...kept, batches, deviceKeys },
  };
}

/** What came, and the issuer told of it; or where to ask for it later. */
async function told(kept, response) {
  if (response.transaction_id) return { transactionId: response.transaction_id, interval: response.interval };
  const { client, issuerMetadata, dpop } = await wallet(kept);
  await client.sendNotification({
    issuerMetadata,
    notification: { notificationId: response.notification_id, event: "credential_accepted" },
    accessToken: kept.token.access_token,
    dpop,
  });
  const credentials = response.credentials.map(({ credential }) => credential);
  return { credentials, notificationId: response.notification_id };
}

/** Ask for what was put off, with a token of now. */
async function collect(before) {
  const kept = await refreshed(before);
  const { client, issuerMetadata, dpop } = await wallet(kept);
  const batches = {};
  for (const [configuration, { transactionId }] of Object.entries(kept.batches)) {
    const asked = { issuerMetadata, transactionId, accessToken: kept.token.access_token, dpop };
    batches[configuration] = await told(kept, await deferred(client, asked));
  }
  const still = Object.values(batches).every((batch) => batch.transactionId);
  return { tokenType: kept.token.token_type, batches, deviceKeys: kept.deviceKeys, kept: still ? kept : { ...kept, batches } };
}

/**
 * The answer of the deferred endpoint. Version 0.4.6 takes an answer with copies and a
 * notification_id for wrong, although section 9.2 allows it; then it is read as it came.
 */
async function deferred(client, asked) {
  try {
    return (await client.retrieveDeferredCredentials(asked)).deferredCredentialResponse;
  } catch (error) {
    const { response } = error.response ?? {};
    if (response?.status !== 200) throw error;
    return response.json();
  }
}

const steps = {
  begin,
  finish,
  preAuthorized,
  refresh: async ({ kept }) => fetchAll(await refreshed(kept)),
  collect: ({ kept }) => collect(kept),
};

try {
  const given = await readInput();
  console.log(JSON.stringify(await steps[given.step](given)));
} catch (error) {
  const { response } = error;
  const answer =
    error.errorResponse ??
    response?.credentialErrorResponseResult?.data ??
    response?.deferredCredentialErrorResponseResult?.data ??
    {};
  console.error(JSON.stringify({ name: error.constructor.name, message: error.message, error: answer.error }));
  process.exitCode = 1;
}
