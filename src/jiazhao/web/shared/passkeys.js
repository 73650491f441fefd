// Passkeys: what the doors ask for goes to the browser's own call, and what it made goes back.

import { call, localProblem } from "./api.js";
import { fromBase64url, toBase64url } from "./base64url.js";

/** @typedef {import("./answers.js").PasskeyOptions} PasskeyOptions */
/** @typedef {import("./answers.js").OwnKey} OwnKey */

/** Whether this browser has Web Authentication; many phones have none. */
export function hasPasskeys() {
  return typeof globalThis.PublicKeyCredential === "function";
}

/** Whether the device itself makes passkeys; without the services for it a phone makes none. */
export async function canMakePasskeys() {
  if (!hasPasskeys()) return false;
  const asked = globalThis.PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
  return (await asked?.catch(() => false)) ?? false;
}

/**
 * Let the person make a passkey, and register it.
 *
 * @param {string} label
 * @returns {Promise<OwnKey>}
 */
export async function registerPasskey(label) {
  const { challenge, options } = await asked("/identity/passkeys/options");
  const made = await byThePerson(() =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        user: { ...options.user, id: fromBase64url(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    }),
  );
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return call("/identity/passkeys", {
    json: {
      challenge,
      label,
      id: made.id,
      client_data: text(response.clientDataJSON),
      attestation: text(response.attestationObject),
    },
  });
}

/** Open a session with a passkey of the person's choice. */
export function signInWithPasskey() {
  return show("/sign-in/passkey");
}

/** Show one of the person's own passkeys for a session that lacks its second factor. */
export function showSecondFactor() {
  return show("/sign-in/second-factor");
}

/** @param {"/sign-in/passkey" | "/sign-in/second-factor"} door */
async function show(door) {
  const { challenge, options } = await asked(`${door}/options`);
  const shown = await byThePerson(() =>
    navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: fromBase64url(options.challenge),
        allowCredentials: named(options.allowCredentials),
      },
    }),
  );
  const response = /** @type {AuthenticatorAssertionResponse} */ (shown.response);
  await call(door, {
    json: {
      challenge,
      id: shown.id,
      client_data: text(response.clientDataJSON),
      authenticator_data: text(response.authenticatorData),
      signature: text(response.signature),
      user_handle: response.userHandle ? text(response.userHandle) : null,
    },
  });
}

/** @param {string} door @returns {Promise<PasskeyOptions>} */
function asked(door) {
  if (!hasPasskeys()) throw localProblem("passkey.unsupported", "passkey_unsupported");
  return call(door, { method: "POST" });
}

/**
 * The browser says little of why nothing came of it, so that a site cannot find out who has
 * which passkey: cancelled, lapsed and none there are one answer.
 *
 * @param {() => Promise<Credential | null>} ask
 * @returns {Promise<PublicKeyCredential>}
 */
async function byThePerson(ask) {
  try {
    return /** @type {PublicKeyCredential} */ (await ask());
  } catch (error) {
    const known = error instanceof DOMException && error.name === "InvalidStateError";
    throw known
      ? localProblem("passkey.held", "passkey_held")
      : localProblem("passkey.nothing", "passkey_nothing");
  }
}

/** @param {{ id: string, type: "public-key" }[]} [credentials] */
function named(credentials = []) {
  return credentials.map(({ id, type }) => ({ id: fromBase64url(id), type }));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  return toBase64url(new Uint8Array(buffer));
}
