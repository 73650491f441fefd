// Reads frames with the terminal's own engine and settings. Each frame on standard input is its
// width and height (two 32-bit numbers) and its grey pixels; each is answered by a line: the
// milliseconds that reading took, and the octets of every code found, in hexadecimal.

import { readFile } from "node:fs/promises";
import { prepareZXingModule, readBarcodes } from "../src/jiazhao/web/vendor/zxing/reader/index.js";

const engine = new URL("../src/jiazhao/web/vendor/zxing/reader/zxing_reader.wasm", import.meta.url);
await prepareZXingModule({
  overrides: { wasmBinary: (await readFile(engine)).buffer },
  fireImmediately: true,
});

const HEAD = 8;
let waiting = Buffer.alloc(0);

for await (const octets of process.stdin) {
  waiting = Buffer.concat([waiting, octets]);
  while (waiting.length >= HEAD) {
    const width = waiting.readUInt32BE(0);
    const height = waiting.readUInt32BE(4);
    const end = HEAD + width * height;
    if (waiting.length < end) break;
    await answer(waiting.subarray(HEAD, end), width, height);
    waiting = waiting.subarray(end);
  }
}

async function answer(grey, width, height) {
  const pixels = new Uint32Array(width * height);
  for (let each = 0; each < grey.length; each++) pixels[each] = 0xff000000 | (grey[each] * 0x010101);
  const data = new Uint8ClampedArray(pixels.buffer);
  const begun = performance.now();
  const results = await readBarcodes(
    { data, width, height, colorSpace: "srgb" },
    {
      formats: ["QRCode"],
      tryHarder: true,
      tryRotate: true,
      tryDownscale: true,
      tryInvert: false,
      maxNumberOfSymbols: 4,
    },
  );
  const took = performance.now() - begun;
  const found = results.filter(({ isValid }) => isValid).map(({ bytes }) => Buffer.from(bytes).toString("hex"));
  process.stdout.write(`${[took.toFixed(2), ...found].join(" ")}\n`);
}
