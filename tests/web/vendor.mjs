// Copies what the pages need from pinned npm packages into src/jiazhao/web/vendor/, with the
// licences, and writes the checksums that vendor.test.js compares. Run it with `npm run vendor`
// after changing a pinned version, and read the difference before committing it.

import { createHash } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const MODULES = new URL("./node_modules/", import.meta.url);
export const VENDOR = new URL("../../src/jiazhao/web/vendor/", import.meta.url);

/** What is copied: from a package, to the vendor folder. */
export const COPIES = [
  { from: "qr/index.js", to: "qr.js" },
  { from: "qr/index.d.ts", to: "qr.d.ts" },
  { from: "qr/LICENSE", to: "qr.LICENSE-APACHE.txt" },
  { from: "qr/LICENSE-MIT", to: "qr.LICENSE-MIT.txt" },
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
  const manifest = JSON.parse(await readFile(new URL("qr/package.json", MODULES), "utf8"));
  /** @type {Record<string, string>} */
  const files = {};
  for (const { from, to } of COPIES) {
    await copyFile(new URL(from, MODULES), new URL(to, VENDOR));
    files[to] = await sha256(new URL(to, VENDOR));
  }
  const record = {
    package: manifest.name,
    version: manifest.version,
    licence: manifest.license,
    source: "https://github.com/paulmillr/qr",
    sha256: files,
  };
  await writeFile(new URL("checksums.json", VENDOR), `${JSON.stringify(record, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await vendor();
