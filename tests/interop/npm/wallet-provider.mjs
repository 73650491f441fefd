// A made-up wallet provider, by the helpers of @openid4vc/openid4vci: it vouches for instances of
// its wallet, and for their keys; and how such an instance authenticates.

import { clientAuthenticationClientAttestationJwt } from "@openid4vc/oauth2";
import { Openid4vciWalletProvider } from "@openid4vc/openid4vci";
import { callbacks, publicOf, signJwt } from "./wallet-keys.mjs";

const LIFE = 3_600_000;

/** Version 0.4.6 writes the type that a draft gave to key attestations. */
const final = (typ) => (typ === "keyattestation+jwt" ? "key-attestation+jwt" : typ);

/** `key` is the provider's private JWK, `x5c` its certificates without the root. */
export function walletProvider({ key, x5c }) {
  const signer = { method: "x5c", alg: "ES256", x5c };
  const sign = (_, { header, payload }) => signJwt(key, { header: { ...header, typ: final(header.typ) }, payload });
  const provider = new Openid4vciWalletProvider({ callbacks: { signJwt: sign } });
  const expiresAt = new Date(Date.now() + LIFE);
  return {
    vouch: (clientId, instance) =>
      provider.createWalletAttestationJwt({
        issuer: "https://provider.example",
        issuedAt: new Date(),
        expiresAt,
        clientId,
        confirmation: { jwk: publicOf(instance) },
        walletName: "A made-up wallet",
        signer,
      }),
    attest: (keys, nonce, use) =>
      provider.createKeyAttestationJwt({
        use,
        nonce,
        issuedAt: new Date(),
        expiresAt,
        attestedKeys: keys.map(publicOf),
        keyStorage: ["iso_18045_high"],
        userAuthentication: ["iso_18045_moderate"],
        signer,
      }),
  };
}

/** The library's client authentication, with the challenge that version 0.4.6 leaves out. */
export function asAttested({ attestation, instanceKey }) {
  return async (request) => {
    const endpoint = request.authorizationServerMetadata.challenge_endpoint;
    const { attestation_challenge: challenge } = await (await fetch(endpoint, { method: "POST" })).json();
    const sign = (_, { header, payload }) => signJwt(instanceKey, { header, payload: { ...payload, challenge } });
    const authenticate = clientAuthenticationClientAttestationJwt({
      callbacks: { ...callbacks([]), signJwt: sign },
      clientAttestationJwt: attestation,
    });
    await authenticate(request);
  };
}
