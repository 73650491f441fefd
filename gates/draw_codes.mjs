// Draws licence codes with the wallet's own module: a line of hexadecimal octets on standard
// input is answered by a line of modules, rows of 0 and 1 with their quiet zone, joined by commas.

import { createInterface } from "node:readline";
import { licenceCodeModules } from "../src/jiazhao/web/shared/qr.js";

for await (const line of createInterface({ input: process.stdin })) {
  const modules = licenceCodeModules(Uint8Array.from(Buffer.from(line, "hex")));
  const rows = modules.map((row) => row.map((dark) => (dark ? "1" : "0")).join(""));
  process.stdout.write(`${rows.join(",")}\n`);
}
