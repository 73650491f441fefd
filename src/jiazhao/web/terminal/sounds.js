// A sound of its own for each verdict, so that an officer who looks at the person hears it. Drawn
// here by the browser; it can be switched off.

const KEPT_AS = "jiazhao-sound-off";

/** Notes: pitch in hertz, start and length in seconds. */
const TUNES = {
  VALID: [[660, 0, 0.12], [880, 0.13, 0.2]],
  NOT_VALID: [[330, 0, 0.28], [247, 0.34, 0.4]],
  NOT_GENUINE: [[196, 0, 0.18], [196, 0.24, 0.18], [196, 0.48, 0.18], [147, 0.72, 0.5]],
  CANNOT_CONFIRM: [[520, 0, 0.1], [520, 0.2, 0.1]],
};

/** @typedef {keyof typeof TUNES} Tune */

/** @type {AudioContext | null} */
let context = null;

export function soundIsOn() {
  return localStorage.getItem(KEPT_AS) === null;
}

/** @param {boolean} on */
export function switchSound(on) {
  if (on) localStorage.removeItem(KEPT_AS);
  else localStorage.setItem(KEPT_AS, "yes");
}

/** @param {string} verdict */
export function play(verdict) {
  if (!soundIsOn() || typeof AudioContext !== "function") return;
  const tune = TUNES[/** @type {Tune} */ (verdict)] ?? TUNES.CANNOT_CONFIRM;
  context ??= new AudioContext();
  void context.resume();
  const begin = context.currentTime;
  for (const [pitch = 0, start = 0, length = 0] of tune) {
    const tone = new OscillatorNode(context, { frequency: pitch, type: verdict === "NOT_GENUINE" ? "sawtooth" : "triangle" });
    const loudness = new GainNode(context, { gain: 0 });
    loudness.gain.setValueAtTime(0.35, begin + start);
    loudness.gain.linearRampToValueAtTime(0, begin + start + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(begin + start);
    tone.stop(begin + start + length);
  }
}
