// How a status or a verdict looks. Each has a shape and a sign of its own, so that it can be
// told apart without colour, and a tone for those who see colour. The word comes beside it.

/** @typedef {"circle" | "octagon" | "triangle" | "diamond"} Shape */
/** @typedef {"tick" | "cross" | "bang" | "question" | "info" | "dash"} Sign */
/** @typedef {"good" | "notice" | "stop" | "void" | "forged" | "unsure"} Tone */
/** @typedef {{ tone: Tone, shape: Shape, sign: Sign }} Picture */

/** @type {Readonly<Record<string, Picture>>} */
const OF_VERDICT = {
  VALID: { tone: "good", shape: "circle", sign: "tick" },
  NOT_VALID: { tone: "stop", shape: "octagon", sign: "cross" },
  NOT_GENUINE: { tone: "forged", shape: "triangle", sign: "bang" },
  CANNOT_CONFIRM: { tone: "unsure", shape: "diamond", sign: "question" },
};

/** @type {Readonly<Record<string, Picture>>} */
const OF_STEP = {
  passed: { tone: "good", shape: "circle", sign: "tick" },
  failed: { tone: "stop", shape: "octagon", sign: "cross" },
  unchecked: { tone: "unsure", shape: "diamond", sign: "dash" },
  idle: { tone: "notice", shape: "circle", sign: "dash" },
};

const NORMAL = "A";

/**
 * The picture of a licence's status, from the colour of its code. A code may be black while
 * something is pending (an unpaid fine): that gets a picture of its own. What is not known
 * looks like the worst, never like the best.
 *
 * @param {{ qr_colour: string, display_status: { code: string } }} licence
 * @returns {Picture}
 */
export function statusPicture({ qr_colour, display_status }) {
  if (qr_colour === "black") {
    return display_status.code === NORMAL
      ? { tone: "good", shape: "circle", sign: "tick" }
      : { tone: "notice", shape: "circle", sign: "info" };
  }
  if (qr_colour === "red") return { tone: "stop", shape: "octagon", sign: "cross" };
  return { tone: "void", shape: "triangle", sign: "bang" };
}

/**
 * The picture of a verdict; an unknown one cannot confirm anything.
 *
 * @param {string | null | undefined} verdict
 * @returns {Picture}
 */
export function verdictPicture(verdict) {
  return own(OF_VERDICT, verdict) ?? { tone: "unsure", shape: "diamond", sign: "question" };
}

/**
 * What became of one step: what was neither demanded nor checked is idle.
 *
 * @param {{ status: import("./answers.js").StepStatus, demanded: boolean }} step
 */
export function stepState({ status, demanded }) {
  return status === "unchecked" && demanded === false ? "idle" : status;
}

/**
 * The picture of one step of a check; what was not checked is not a pass.
 *
 * @param {string} status
 * @returns {Picture}
 */
export function stepPicture(status) {
  return own(OF_STEP, status) ?? { tone: "unsure", shape: "diamond", sign: "dash" };
}

/**
 * The picture of a yes or no: may this person drive this class now?
 *
 * @param {boolean} answer
 * @returns {Picture}
 */
export function answerPicture(answer) {
  return answer === true
    ? { tone: "good", shape: "circle", sign: "tick" }
    : { tone: "stop", shape: "octagon", sign: "cross" };
}

/**
 * @param {Readonly<Record<string, Picture>>} pictures
 * @param {string | null | undefined} name
 */
function own(pictures, name) {
  return name && Object.hasOwn(pictures, name) ? pictures[name] : undefined;
}
