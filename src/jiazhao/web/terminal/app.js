// The officer's terminal: who is signed in, whether a shift is open, and which screen is up. With a
// shift it works without a network; when the shift ends, nothing of it stays.

import { announce } from "../shared/announce.js";
import { asProblem, call } from "../shared/api.js";
import { RegisterClock } from "../shared/clock.js";
import { el } from "../shared/dom.js";
import { onLanguageChange, startLanguage, t } from "../shared/i18n.js";
import { keepInstalled, keepStorage } from "../shared/installed.js";
import { outside, unreached } from "../shared/outside.js";
import { passkeysScreen } from "../shared/own-passkeys.js";
import { drawFrame, offerNewerVersion, putScreen, sayAbove } from "../shared/page.js";
import { checkScreen } from "./check.js";
import { Events } from "./events.js";
import { hasUnread } from "./follow-ups.js";
import { beginFreshLog } from "./fresh-log.js";
import { lockScreen, watchForRest } from "./lock.js";
import { lookupScreen } from "./lookup.js";
import { myChecksScreen } from "./my-checks.js";
import { queueScreen } from "./queue-screen.js";
import { unsent, upload } from "./queue.js";
import { shiftScreen } from "./shift-screen.js";
import { ownTerminal, refreshShift, resumedShift, wipeShift, wipeTerminal } from "./shift.js";
import { trainingScreen } from "./training.js";

/** @typedef {import("../shared/answers.js").Session} Session */
/** @typedef {import("../shared/api.js").Problem} Problem */
/** @typedef {import("../shared/i18n.js").MessageKey} MessageKey */
/** @typedef {import("./shift.js").OwnTerminal} OwnTerminal */
/** @typedef {import("./shift.js").Shift} Shift */
/** @typedef {typeof terminal} Terminal */
/**
 * @typedef {object} Screen
 * @property {HTMLElement} element
 * @property {() => void} [close]
 * @property {() => void} [followed]  shows itself what became known of checks
 */

/** @type {import("../shared/outside.js").Words} */
const WORDS = { name: "terminal.name", lead: "terminal.lead", refused: "terminal.officers_only" };

const ROLE = "officer";
/** Which answers end a shift, and what is said then. @type {Readonly<Record<string, MessageKey>>} */
const ENDS = { terminal_killed: "shift.killed", shift_needed: "shift.over" };
/** How often the terminal looks whether there is something to do, in milliseconds. */
const ROUND = 15_000;

const SCREENS = /** @type {const} */ ([
  { href: "#", key: "terminal.check", make: checkScreen },
  { href: "#lookup", key: "terminal.lookup", make: lookupScreen },
  { href: "#queue", key: "terminal.queue", make: queueScreen },
  { href: "#mine", key: "terminal.mine", make: myChecksScreen },
  { href: "#training", key: "terminal.training", make: trainingScreen },
  { href: "#passkeys", key: "terminal.passkeys", make: () => passkeysScreen({ staff: true }) },
]);

/** Screens that are not needed at the roadside. @type {readonly string[]} */
const SELDOM = ["#mine", "#training", "#passkeys"];
/** Screens that need no shift. @type {readonly string[]} */
const WITHOUT_SHIFT = ["#mine", "#queue", "#training", "#passkeys"];

const clock = new RegisterClock();
/** @type {Session | null} */
let session = null;
/** @type {Screen | null} */
let screen = null;
/** @type {ReturnType<typeof watchForRest> | null} */
let rest = null;
const events = new Events({
  killed: () => void leave("shift.killed"),
  snapshot: () => void refresh(),
  followUp: () => void followed(),
});
let ended = false;
let locked = false;

/** What the screens know of the terminal and may ask of it. */
const terminal = {
  clock,
  /** @type {OwnTerminal | null} */
  own: null,
  /** @type {Shift | null} */
  shift: null,
  /** What is said before a shift is opened. @type {MessageKey | null} */
  note: null,

  get session() {
    return session;
  },

  /** A shift was opened. @param {Shift} shift */
  begin(shift) {
    terminal.shift = shift;
    terminal.note = null;
    watch(shift);
    rest?.touch();
    events.listen();
    draw({ focus: true });
  },

  /** The officer ends the shift; without a network it ends here, and by itself at the service. */
  async end() {
    await handInQuietly();
    await call("/shifts/current/close", { json: {} }).catch((error) => {
      const problem = asProblem(error);
      if (!problem.harmless && !terminal.isOver(problem)) throw problem;
    });
    await leave("shift.closed");
  },

  /**
   * Whether an answer means that there is nothing more to do here; the screen then changes.
   *
   * @param {Problem} problem
   */
  isOver(problem) {
    const note = ENDS[problem.code];
    if (note !== undefined) {
      void leave(note);
      return true;
    }
    if (problem.status !== 401) return false;
    terminal.sessionEnded();
    return true;
  },

  sessionEnded() {
    if (session) session = { ...session, signed_in: false };
    ended = true;
    void leave(null);
  },

  /** A check has come to its word. @param {boolean} reached  whether the service answered it */
  async contacted(reached) {
    rest?.touch();
    if (reached) await handInQuietly();
  },

  async handIn() {
    await upload(terminal.own, () => terminal.shift?.clock.now() ?? clock.now());
  },
};

const again = () => void start();

async function start() {
  terminal.own = await ownTerminal();
  const kept = await resumedShift();
  const sentAt = Date.now();
  try {
    /** @type {Session} */
    const answer = await call("/session");
    clock.learn(answer.server_time, sentAt, Date.now());
    session = answer;
  } catch (error) {
    if (kept === null) {
      put(unreached(asProblem(error), WORDS, again), { focus: false });
      return;
    }
    session = withoutNetwork(kept);
  }
  if (kept !== null && allowed()) await takeUp(kept);
  else if (kept !== null) await wipeShift();
  draw({ focus: false });
  if (terminal.shift !== null) events.listen();
}

/** A shift that was open before the page was, if the service agrees or is out of reach. @param {Shift} kept */
async function takeUp(kept) {
  terminal.shift = kept;
  watch(kept);
  locked = rest?.isDue ?? false;
  try {
    await refreshShift(kept);
  } catch (error) {
    const problem = asProblem(error);
    const note = ENDS[problem.code];
    if (note !== undefined) await leave(note);
  }
}

/** @param {Shift} shift @returns {Session} who opened the shift, as it was then */
function withoutNetwork({ content: { officer }, clock: time }) {
  return {
    signed_in: true, name: officer.name, roles: [ROLE], authenticated_at: null, may_claim_until: null,
    second_factor: "not_needed", environment: "", banner: officer.banner, server_time: new Date(time.now()).toISOString(),
  };
}

/** @param {Shift} shift */
function watch(shift) {
  rest?.close();
  rest = watchForRest(shift.settings.lock_after_seconds, () => {
    if (locked) return;
    locked = true;
    draw({ focus: true });
  });
}

/** Nothing of the shift stays. @param {MessageKey | null} note */
async function leave(note) {
  terminal.shift = null;
  terminal.note = note;
  locked = false;
  rest?.close();
  rest = null;
  events.close();
  sayAbove(null);
  if (note === "shift.killed") {
    terminal.own = null;
    await wipeTerminal();
  } else {
    await wipeShift();
  }
  draw({ focus: true });
  if (note !== null) announce(t(note), { urgent: true });
}

/** Something may have become known of a check: it is shown, or the officer is told to look. */
async function followed() {
  if (screen?.followed) {
    screen.followed();
    return;
  }
  const { shift } = terminal;
  // Out of reach it is asked again with the next event, or when the way is open again.
  const unread = shift !== null && (await hasUnread(shift).catch(() => false));
  if (!unread || terminal.shift !== shift || screen?.followed) return;
  sayAbove(() => el("p", { class: "newer told" }, t("unsent.told"), " ", el("a", { class: "button", href: "#queue" }, t("unsent.look"))));
  announce(t("unsent.told"));
}

async function refresh() {
  if (terminal.shift === null) return;
  try {
    await refreshShift(terminal.shift);
  } catch (error) {
    const problem = asProblem(error);
    if (ENDS[problem.code] !== undefined) terminal.isOver(problem);
  }
}

async function handInQuietly() {
  if ((await unsent()) === 0) return;
  await terminal.handIn().catch((error) => {
    const problem = asProblem(error);
    if (problem.code === "terminal_killed" && terminal.own !== null) terminal.isOver(problem);
  });
}

/** The shift's time may be over, and the network may be back. */
async function round() {
  if (terminal.shift?.isOver) await leave("shift.over");
  if (terminal.shift !== null && session?.signed_in === true) events.listen();
  if (session?.signed_in === true) await handInQuietly();
}

/** @param {{ focus: boolean }} options */
function draw({ focus }) {
  const route = SCREENS.find(({ href }) => href === location.hash) ?? SCREENS[0];
  const inside = allowed() && !locked;
  drawFrame({
    nameKey: "terminal.name",
    footKey: "terminal.foot",
    session,
    links: inside
      ? SCREENS.map(({ href, key }) => ({ href, key, current: href === route.href, more: SELDOM.includes(href) }))
      : [],
    leaving: wipeShift,
  });
  put(inside ? screenOf(route) : outsideOf(), { focus });
}

/** @param {(typeof SCREENS)[number]} route */
function screenOf(route) {
  const open = terminal.shift !== null || WITHOUT_SHIFT.includes(route.href);
  return open ? route.make(terminal) : shiftScreen(terminal);
}

function outsideOf() {
  if (locked && terminal.shift !== null) {
    return lockScreen(terminal.shift, () => {
      locked = false;
      rest?.touch();
      draw({ focus: true });
    });
  }
  return outside(session, WORDS, { ended, again });
}

function allowed() {
  return session?.signed_in === true && session.roles.includes(ROLE);
}

/**
 * @param {Screen} next
 * @param {{ focus: boolean }} options
 */
function put(next, { focus }) {
  screen?.close?.();
  screen = next;
  if (screen.followed) sayAbove(null);
  putScreen(next.element, { nameKey: "terminal.name", focus });
}

startLanguage();
await beginFreshLog();
onLanguageChange(() => (session ? draw({ focus: false }) : again()));
window.addEventListener("hashchange", () => draw({ focus: true }));
window.addEventListener("online", () => void round());
setInterval(() => void round(), ROUND);
again();
void keepInstalled(offerNewerVersion);
void keepStorage();
