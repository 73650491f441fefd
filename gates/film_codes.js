// In the terminal's page: plays the camera, reads it with the terminal's own reader, checks what
// was read with the pages' own verifier, and says for each time that a code was on the film what
// was read, the word on it, and how long that took from the first frame that showed it. The film's
// corner is bright while a code is shown, and dark between two codes.

/** Load all that is needed, so that nothing is asked of the server later. */
export async function prepare(given, checkerOf) {
  const [{ codesIn, warmUp }, ...modules] = await Promise.all([
    import("/assets/terminal/reader.js"),
    import("/assets/shared/verify-licence-code.js"),
    import("/assets/shared/verdict.js"),
    import("/assets/shared/code-sealing.js"),
    import("/assets/shared/beacon.js"),
  ]);
  warmUp();
  const blank = new OffscreenCanvas(64, 64);
  blank.getContext("2d").fillRect(0, 0, 64, 64);
  await codesIn(blank);
  window.codesOnFilm = { codesIn, check: await checkerOf(Object.assign({}, ...modules), given) };
}

export async function watch(count) {
  const { codesIn, check } = window.codesOnFilm;
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } });
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = stream;
  await video.play();

  const corner = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const isShown = () => {
    corner.drawImage(video, 4, 4, 8, 8, 0, 0, 1, 1);
    return corner.getImageData(0, 0, 1, 1).data[0] > 128;
  };
  const seen = [];
  let frames = 0;
  let now = null;
  const hex = (octets) => Array.from(octets, (one) => one.toString(16).padStart(2, "0")).join("");
  const read = async (shown) => {
    const found = await codesIn(video);
    shown.reading = false;
    if (shown.word !== null || found.length === 0) return;
    shown.codes = found.map(hex);
    shown.word = await check(found[0]);
    shown.milliseconds = performance.now() - shown.since;
  };
  const onFrame = (resolve) => {
    frames++;
    const shows = isShown();
    if (!shows && now !== null) {
      seen.push(now);
      now = null;
      if (seen.length === count) return resolve();
    }
    if (shows) now ??= { since: performance.now(), codes: [], word: null, reading: false, milliseconds: null };
    if (now !== null && now.codes.length === 0 && !now.reading) {
      now.reading = true;
      void read(now);
    }
    video.requestVideoFrameCallback(() => onFrame(resolve));
  };
  await new Promise((resolve) => video.requestVideoFrameCallback(() => onFrame(resolve)));
  const { width, height } = stream.getVideoTracks()[0].getSettings();
  for (const track of stream.getTracks()) track.stop();
  return {
    width,
    height,
    frames,
    seen: seen.map(({ milliseconds, codes, word }) => ({ milliseconds, codes, word })),
  };
}
