// The lamp beside the camera: Chromium's fake camera has none, so a track is stood in for one.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { put, screenlessPage } from "./in-memory.js";

screenlessPage();
put("Worker", class { postMessage() {} terminate() {} });
put("createImageBitmap", async () => { throw new Error("no picture"); });
const { cameraView } = await import("../../src/jiazhao/web/terminal/camera.js");

/** @type {(() => void)[]} */
const open = [];
after(() => open.forEach((close) => close()));

/** @param {{ capabilities?: object, refuses?: boolean }} given */
async function camera({ capabilities, refuses = false }) {
  /** @type {any[]} */
  const asked = [];
  const track = Object.assign(new EventTarget(), {
    getSettings: () => ({ width: 1920, height: 1080 }),
    ...(capabilities && { getCapabilities: () => capabilities }),
    applyConstraints: async (/** @type {any} */ wanted) => {
      if (refuses) throw new DOMException("", "OverconstrainedError");
      asked.push(wanted);
    },
    stop() {},
  });
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  put("navigator", { mediaDevices: { getUserMedia: async () => stream } });
  const view = cameraView(() => {});
  open.push(() => view.close());
  view.start();
  for (let i = 0; i < 10; i++) await Promise.resolve();
  const element = /** @type {any} */ (view.element);
  assert.equal(element.dataset.state, "scanning");
  return { view, asked, torch: element.below("camera-torch") };
}

test("the button is there for a track that can, and switches the lamp on and off", async () => {
  const { asked, torch, view } = await camera({ capabilities: { torch: true } });
  assert.equal(torch.hidden, false);
  assert.equal(torch.getAttribute("aria-pressed"), "false");
  await torch.onclick();
  assert.equal(torch.getAttribute("aria-pressed"), "true");
  await torch.onclick();
  assert.equal(torch.getAttribute("aria-pressed"), "false");
  assert.deepEqual(asked, [{ advanced: [{ torch: true }] }, { advanced: [{ torch: false }] }]);
  await torch.onclick();
  view.close();
  assert.equal(torch.hidden, true);
  assert.equal(torch.getAttribute("aria-pressed"), "false"); // the lamp goes out with the camera
});

test("the button is hidden where the track cannot, or does not say that it can", async () => {
  for (const capabilities of [{}, { torch: false }, { torch: "true" }, undefined]) {
    const { torch } = await camera({ capabilities });
    assert.equal(torch.hidden, true);
  }
});

test("a lamp that did not go on is not shown as on", async () => {
  const { torch } = await camera({ capabilities: { torch: true }, refuses: true });
  await torch.onclick();
  assert.equal(torch.getAttribute("aria-pressed"), "false");
});
