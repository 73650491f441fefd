// What every reader and check of credentials raises: a code of the service's errors, and in
// `reason` which rule was broken. It never holds anything that was received.

export class VerificationError extends Error {
  /**
   * @param {string} code    a code of the service, such as `signature_mismatch`
   * @param {string} [reason]
   * @param {Readonly<Record<string, string>>} [values]  what the code's sentence is filled with
   */
  constructor(code, reason = "", values = { reason }) {
    super(reason ? `${code}: ${reason}` : code);
    this.name = "VerificationError";
    this.code = code;
    this.reason = reason;
    this.values = values;
  }
}

/**
 * The error of octets that are not what they should be.
 *
 * @param {string} what
 * @param {string} reason
 */
export function unreadable(what, reason) {
  return new VerificationError("unreadable", `${what}: ${reason}`, { what, reason });
}
