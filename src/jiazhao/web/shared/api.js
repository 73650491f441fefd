// Calls to the own origin, each with a time limit and each failure with a sentence: what the
// server said (RFC 9457), or what went wrong on the way. Nothing waits for ever.

import { inBoth } from "./i18n.js";

/** How long an answer may take, in milliseconds. */
export const PATIENCE = 10_000;

/**
 * @typedef {object} ProblemDetail
 * @property {string} code
 * @property {string} zh
 * @property {string} en
 * @property {number} [status]
 * @property {string} [source]  the rule of law, where a rule is the reason
 * @property {string} [trace]   reference for those who run the service
 * @property {{ code: string, zh: string, en: string }[]} [findings]  what to change, one by one
 * @property {string} [error]   the code of an OAuth answer (RFC 6749 section 5.2)
 */

/** A failed call, in words for people. */
export class Problem extends Error {
  /** @param {ProblemDetail} detail */
  constructor({ code, zh, en, status = 0, source = "", trace = "", findings = [], error = "" }) {
    super(code);
    this.name = "Problem";
    this.code = code;
    this.zh = zh;
    this.en = en;
    this.status = status;
    this.source = source;
    this.trace = trace;
    this.findings = findings;
    this.error = error;
  }

  /** Whether nobody said no: the server was not reached, or the reader cancelled. */
  get harmless() {
    return ["offline", "timeout", "cancelled"].includes(this.code);
  }
}

/**
 * @typedef {object} CallOptions
 * @property {string} [method]
 * @property {unknown} [json]                  sent as JSON
 * @property {URLSearchParams} [form]          sent as a form
 * @property {Blob} [blob]                     sent as it is
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [cancel]
 * @property {number} [patience]               milliseconds, where an answer takes longer
 * @property {(headers: Headers) => void} [heard]  is given the headers of whatever is answered
 */

/**
 * Call the server and read its JSON answer; raise a `Problem` otherwise. A cancelled call
 * raises the signal's own AbortError.
 *
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<any>}
 */
export async function call(path, options = {}) {
  const response = await send(path, options);
  options.heard?.(response.headers);
  return readAnswer(response, options.cancel);
}

/**
 * Call the server for bytes, such as a picture; null where there are none (404).
 *
 * @param {string} path
 * @param {number} [patience]  milliseconds, where much is sent
 * @returns {Promise<Blob | null>}
 */
export async function callForBlob(path, patience = PATIENCE) {
  const response = await send(path, { patience });
  if (response.status === 404) return null;
  if (!response.ok) throw await readProblem(response);
  return response.blob();
}

/**
 * @param {string} path
 * @param {CallOptions} options
 */
async function send(path, { method, json, form, blob, headers = {}, cancel, patience = PATIENCE }) {
  const limit = AbortSignal.timeout(patience);
  const signal = cancel ? AbortSignal.any([cancel, limit]) : limit;
  const body = json === undefined ? (form ?? blob) : JSON.stringify(json);
  /** @type {Record<string, string>} */
  const sent = { Accept: "application/json, application/problem+json, image/*", ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  if (blob !== undefined) sent["Content-Type"] = blob.type;
  try {
    return await fetch(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: sent,
      body: body ?? null,
      signal,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
  } catch (error) {
    throw unreached(error, cancel);
  }
}

/**
 * @param {Response} response
 * @param {AbortSignal} [cancel]
 */
async function readAnswer(response, cancel) {
  if (!response.ok) throw await readProblem(response);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw unexpected(response.status);
    throw unreached(error, cancel);
  }
}

/** @param {Response} response */
async function readProblem(response) {
  const body = await response.json().catch(() => null);
  return problemFrom(response.status, body);
}

/**
 * Read a problem; a body that is not one (an OAuth error, a proxy's page) still becomes one.
 *
 * @param {number} status
 * @param {any} body
 * @returns {Problem}
 */
export function problemFrom(status, body) {
  if (typeof body?.zh === "string" && typeof body.en === "string") {
    const { zh, en, source, trace } = body;
    const findings = Array.isArray(body.findings) ? body.findings : [];
    return new Problem({ code: String(body.code ?? body.title), zh, en, status, source, trace, findings });
  }
  if (typeof body?.error === "string") {
    const { error } = body;
    return new Problem({ code: "refused", status, error, ...inBoth("problem.refused", { reason: error }) });
  }
  return unexpected(status);
}

/**
 * @param {unknown} error
 * @param {AbortSignal} [cancel]
 */
function unreached(error, cancel) {
  if (cancel?.aborted) return error;
  const late = error instanceof DOMException && error.name === "TimeoutError";
  return late
    ? localProblem("problem.timeout", "timeout")
    : localProblem("problem.offline", "offline");
}

/** @param {number} status */
function unexpected(status) {
  return localProblem("problem.unexpected", "unexpected_answer", { status }, status);
}

/**
 * A problem that was found here and not by the server.
 *
 * @param {import("./i18n.js").MessageKey} key
 * @param {string} code
 * @param {Record<string, string | number>} [values]
 * @param {number} [status]
 */
export function localProblem(key, code, values = {}, status = 0) {
  return new Problem({ code, status, ...inBoth(key, values) });
}

/**
 * Whatever was thrown, as a problem. A fault of our own is named by its kind only.
 *
 * @param {unknown} error
 * @returns {Problem}
 */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  const name = error instanceof Error ? error.name : "Error";
  return localProblem("problem.page_fault", "page_fault", { name });
}
