// Copies what the pages need from pinned npm packages into src/jiazhao/web/vendor/, with the
// licences, and writes the checksums that vendor.test.js compares. Run it with `npm run vendor`
// after changing a pinned version, and read the difference before committing it.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const MODULES = new URL("./node_modules/", import.meta.url);
export const VENDOR = new URL("../../src/jiazhao/web/vendor/", import.meta.url);

/** What is copied: from each package, to the vendor folder. */
export const PACKAGES = [
  {
    name: "qr",
    source: "https://github.com/paulmillr/qr",
    copies: [
      { from: "qr/index.js", to: "qr.js" },
      { from: "qr/index.d.ts", to: "qr.d.ts" },
      { from: "qr/LICENSE", to: "qr.LICENSE-APACHE.txt" },
      { from: "qr/LICENSE-MIT", to: "qr.LICENSE-MIT.txt" },
    ],
  },
  {
    // The reader only. Its two modules keep their places, because one imports the other.
    name: "zxing-wasm",
    source: "https://github.com/Sec-ant/zxing-wasm",
    copies: [
      { from: "zxing-wasm/dist/es/share.js", to: "zxing/share.js" },
      { from: "zxing-wasm/dist/es/reader/index.js", to: "zxing/reader/index.js" },
      { from: "zxing-wasm/dist/reader/zxing_reader.wasm", to: "zxing/reader/zxing_reader.wasm" },
      { from: "zxing-wasm/LICENSE", to: "zxing/LICENSE.txt" },
    ],
  },
];

/**
 * The SHA-256 of a file, in hexadecimal.
 *
 * @param {URL} file
 */
export async function sha256(file) {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}

async function vendor() {
  const records = [];
  for (const { name, source, copies } of PACKAGES) {
    const manifest = JSON.parse(await readFile(new URL(`${name}/package.json`, MODULES), "utf8"));
    /** @type {Record<string, string>} */
    const files = {};
    for (const { from, to } of copies) {
      const copy = new URL(to, VENDOR);
      await mkdir(new URL(".", copy), { recursive: true });
      await copyFile(new URL(from, MODULES), copy);
      files[to] = await sha256(copy);
    }
    records.push({
      package: manifest.name,
      version: manifest.version,
      licence: manifest.license,
      source,
      sha256: files,
    });
  }
  await writeFile(new URL("checksums.json", VENDOR), `${JSON.stringify(records, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await vendor();
