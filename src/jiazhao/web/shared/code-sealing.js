// Sealing a licence code for the terminals: HPKE (RFC 9180), base mode, with DHKEM(P-256,
// HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, one message for each context.
//
// Private keys are WebCrypto keys that need not be extractable; a key that opens is kept with its
// public point, which WebCrypto does not give back.

import { concatenate } from "./cbor.js";
import { fromAscii, owned } from "./octets.js";
import { unreadable } from "./verification-error.js";

const ECDH = Object.freeze({ name: "ECDH", namedCurve: "P-256" });
const HMAC = Object.freeze({ name: "HMAC", hash: "SHA-256" });
const VERSION = fromAscii("HPKE-v1");
const KEM = concatenate([fromAscii("KEM"), Uint8Array.of(0x00, 0x10)]);
/** The suite: KEM 0x0010, KDF 0x0001, AEAD 0x0001. */
const SUITE = concatenate([fromAscii("HPKE"), Uint8Array.of(0x00, 0x10, 0x00, 0x01, 0x00, 0x01)]);
const BASE_MODE = 0;
const HASH_OCTETS = 32;
const KEY_OCTETS = 16;
const NONCE_OCTETS = 12;
const NOTHING = new Uint8Array();

/** @typedef {{ privateKey: CryptoKey, point: Uint8Array }} OpeningKey  ECDH on P-256; 65 octets */
/** @typedef {{ info: Uint8Array, aad: Uint8Array }} Context  what both sides must know alike */

/**
 * Take a private key as the service sends it at the start of a shift. What comes back cannot be
 * read out again.
 *
 * @param {{ x: string, y: string, d: string }} jwk
 * @param {Uint8Array} point  its public half
 * @returns {Promise<OpeningKey>}
 */
export async function openingKey({ x, y, d }, point) {
  const jwk = { kty: "EC", crv: "P-256", x, y, d };
  return { privateKey: await crypto.subtle.importKey("jwk", jwk, ECDH, false, ["deriveBits"]), point };
}

/** A key pair for one message; it is chance, so who seals a vector brings its own. */
export async function ephemeralKey() {
  return crypto.subtle.generateKey(ECDH, true, ["deriveBits"]);
}

/**
 * Encrypt for the holder of a key (RFC 9180 section 6.1, SealBase).
 *
 * @param {Uint8Array} recipient  65 octets
 * @param {Uint8Array} plaintext
 * @param {Context} context
 * @param {CryptoKeyPair} ephemeral  with a public key that can be exported
 * @returns {Promise<{ enc: Uint8Array, ciphertext: Uint8Array }>}
 */
export async function seal(recipient, plaintext, { info, aad }, ephemeral) {
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const shared = await sharedSecret(ephemeral.privateKey, recipient, concatenate([enc, recipient]));
  const { key, nonce } = await keySchedule(shared, info, "encrypt");
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: owned(aad) };
  const sealed = await crypto.subtle.encrypt(algorithm, key, owned(plaintext));
  return { enc, ciphertext: new Uint8Array(sealed) };
}

/**
 * Decrypt what was sealed for this key (RFC 9180 section 6.1, OpenBase); raises `unreadable`
 * unless it is what was sealed, with the same context.
 *
 * @param {OpeningKey} own
 * @param {Uint8Array} enc  65 octets
 * @param {Uint8Array} ciphertext  with its tag
 * @param {Context} context
 * @returns {Promise<Uint8Array>}
 */
export async function open({ privateKey, point }, enc, ciphertext, { info, aad }) {
  try {
    const shared = await sharedSecret(privateKey, enc, concatenate([enc, point]));
    const { key, nonce } = await keySchedule(shared, info, "decrypt");
    const algorithm = { name: "AES-GCM", iv: nonce, additionalData: owned(aad) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, owned(ciphertext)));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw unreadable("sealed octets", "sealed for another key, or changed");
  }
}

/**
 * DHKEM's shared secret (section 4.1).
 *
 * @param {CryptoKey} privateKey
 * @param {Uint8Array} otherPoint
 * @param {Uint8Array} context  enc, then the recipient's point
 */
async function sharedSecret(privateKey, otherPoint, context) {
  const other = await crypto.subtle.importKey("raw", owned(otherPoint), ECDH, false, []);
  const dh = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, privateKey, 256);
  const secret = await labeledExtract(KEM, NOTHING, "eae_prk", new Uint8Array(dh));
  return labeledExpand(KEM, secret, "shared_secret", context, HASH_OCTETS);
}

/**
 * Key and nonce of the one message (section 5.1, KeySchedule with neither PSK nor sequence).
 *
 * @param {Uint8Array} shared
 * @param {Uint8Array} info
 * @param {"encrypt" | "decrypt"} use
 */
async function keySchedule(shared, info, use) {
  const [pskId, infoHash, secret] = await Promise.all([
    labeledExtract(SUITE, NOTHING, "psk_id_hash", NOTHING),
    labeledExtract(SUITE, NOTHING, "info_hash", info),
    labeledExtract(SUITE, shared, "secret", NOTHING),
  ]);
  const context = concatenate([Uint8Array.of(BASE_MODE), pskId, infoHash]);
  const [raw, nonce] = await Promise.all([
    labeledExpand(SUITE, secret, "key", context, KEY_OCTETS),
    labeledExpand(SUITE, secret, "base_nonce", context, NONCE_OCTETS),
  ]);
  return { key: await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]), nonce };
}

/**
 * @param {Uint8Array} suite
 * @param {Uint8Array} salt
 * @param {string} label
 * @param {Uint8Array} material
 */
async function labeledExtract(suite, salt, label, material) {
  // HMAC fills a short key up with zeros, and WebCrypto takes no empty one.
  const key = salt.length ? salt : new Uint8Array(HASH_OCTETS);
  return hmac(key, concatenate([VERSION, suite, fromAscii(label), material]));
}

/**
 * HKDF-Expand (RFC 5869 section 2.3); one block is enough for what is asked here.
 *
 * @param {Uint8Array} suite
 * @param {Uint8Array} secret
 * @param {string} label
 * @param {Uint8Array} info
 * @param {number} length  at most 32
 */
async function labeledExpand(suite, secret, label, info, length) {
  const labeled = [Uint8Array.of(0, length), VERSION, suite, fromAscii(label), info];
  const block = await hmac(secret, concatenate([...labeled, Uint8Array.of(1)]));
  return block.slice(0, length);
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} message
 */
async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", owned(key), HMAC, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, owned(message)));
}
