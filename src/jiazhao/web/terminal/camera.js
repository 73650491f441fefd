// The camera: it opens by itself, hands each frame to the reader, one at a time, and keeps none.
// It stops when the page is hidden or left.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icons.js";
import { codesIn, warmUp } from "./reader.js";
import { hasTorch, switchTorch } from "./torch.js";

/** A code of 89 modules needs some five pixels for each. */
const WANTED = { width: 1920, height: 1080 };
const LEAST = { width: 1280, height: 720 };
/** Between two frames where the browser does not announce them, in milliseconds. */
const PAUSE = 60;

/** @typedef {{ frames: number, reads: number, milliseconds: number }} Tally */

/**
 * @param {(codes: Uint8Array[]) => void} found  is told of the codes of each frame that has any
 */
export function cameraView(found) {
  const video = el("video", { class: "camera-picture", playsinline: true, muted: true, "aria-hidden": "true" });
  video.muted = true;
  const said = el("p", { class: "camera-said small", role: "status" }, t("camera.opening"));
  const torch = el("button", { class: "button camera-torch", type: "button", hidden: true, "aria-pressed": "false" }, icon("torch"), t("camera.torch"));
  const element = el(
    "section",
    { class: "camera", "aria-label": t("camera.title"), "data-state": "opening" },
    video,
    el("span", { class: "camera-frame", "aria-hidden": "true" }),
    el("div", { class: "camera-foot" }, said, torch),
  );
  const tally = { frames: 0, reads: 0, milliseconds: 0 };
  /** @type {MediaStream | null} */
  let stream = null;
  let wanted = false;
  let paused = false;
  let turn = 0;

  /** @param {"opening" | "scanning" | "weak" | "none"} state @param {string} words */
  const tell = (state, words) => {
    element.dataset.state = state;
    said.textContent = words;
  };

  const close = () => {
    turn++;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    torch.hidden = true;
    torch.setAttribute("aria-pressed", "false");
  };

  const open = async () => {
    if (!wanted || document.hidden || stream !== null) return;
    const mine = ++turn;
    tell("opening", t("camera.opening"));
    warmUp();
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "NotFoundError");
      const opened = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: WANTED.width }, height: { ideal: WANTED.height } },
      });
      if (mine !== turn || !wanted) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      stream = opened;
      video.srcObject = opened;
      await video.play();
      describe(opened, mine);
      next(mine);
    } catch (error) {
      if (mine !== turn) return;
      close();
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      tell("none", t(refused ? "camera.refused" : "camera.none"));
    }
  };

  /** @param {MediaStream} opened @param {number} mine */
  const describe = (opened, mine) => {
    const [track] = opened.getVideoTracks();
    const { width = video.videoWidth, height = video.videoHeight } = track?.getSettings() ?? {};
    const size = { width: Math.max(width, height), height: Math.min(width, height) };
    const weak = size.width < LEAST.width || size.height < LEAST.height;
    tell(weak ? "weak" : "scanning", t(weak ? "camera.weak" : "camera.scanning", size));
    torch.hidden = !hasTorch(track);
    torch.onclick = async () => {
      const wanted = torch.getAttribute("aria-pressed") !== "true";
      const done = track !== undefined && (await switchTorch(track, wanted));
      if (done && mine === turn) torch.setAttribute("aria-pressed", String(wanted));
    };
    track?.addEventListener("ended", () => {
      close();
      tell("none", t("camera.ended"));
    });
  };

  /** Wait for the next frame and read it. @param {number} mine */
  const next = (mine) => {
    if (mine !== turn) return;
    const look = () => void read(mine);
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(look);
    else setTimeout(look, PAUSE);
  };

  /** @param {number} mine */
  const read = async (mine) => {
    if (mine !== turn) return;
    if (paused) {
      next(mine);
      return;
    }
    const begun = performance.now();
    const codes = await codesIn(video).catch(() => []);
    tally.frames++;
    tally.milliseconds += performance.now() - begun;
    if (mine !== turn) return;
    if (codes.length > 0 && !paused) {
      tally.reads++;
      found(codes);
    }
    next(mine);
  };

  const seen = () => (document.hidden ? close() : void open());
  document.addEventListener("visibilitychange", seen);
  return {
    element,
    tally: /** @type {Readonly<Tally>} */ (tally),
    start() {
      wanted = true;
      void open();
    },
    /** Frames pass unread while a verdict is looked at. @param {boolean} on */
    pause(on) {
      paused = on;
    },
    close() {
      wanted = false;
      document.removeEventListener("visibilitychange", seen);
      close();
    },
  };
}
