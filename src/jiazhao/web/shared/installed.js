// The page as an app on the device: its own files are kept for when there is no network, and a
// new version is taken when the person says so, never under their hands.

import { ownScript } from "./own-scripts.js";

/**
 * Keep the app on the device.
 *
 * @param {(take: () => void) => void} offer  is told that a new version is there, and how it is
 *   taken; the page then opens anew
 */
export async function keepInstalled(offer) {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  let taken = false;
  serviceWorker.addEventListener("controllerchange", () => {
    if (taken) location.reload();
  });
  const offered = (/** @type {ServiceWorker | null} */ next) => {
    if (next === null || serviceWorker.controller === null) return;
    offer(() => {
      taken = true;
      next.postMessage("take-over");
    });
  };
  try {
    const options = /** @type {RegistrationOptions} */ ({ scope: "/", updateViaCache: "none" });
    const registration = await serviceWorker.register(ownScript("/service-worker.js"), options);
    offered(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const next = registration.installing;
      next?.addEventListener("statechange", () => {
        if (next.state === "installed") offered(next);
      });
    });
  } catch {
    // Without a network, or where the browser keeps nothing, the page works as it was opened.
  }
}

/** Ask the browser not to throw away what is kept; whether it agreed. */
export async function keepStorage() {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}
