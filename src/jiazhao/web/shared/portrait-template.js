// The portrait of a licence code: its picture without the octets that all pictures of its template
// share (docs/specs/licence-code.md, "Portrait"). A grey AVIF of 60 by 80 is 284 octets of
// containers and sequence header, alike in every picture but for three lengths, and one frame.
//
// Only verify-licence-code.js calls this, once the issuer's signature was checked: no stranger's
// octets belong in a decoder of pictures.

import { concatenate } from "./cbor.js";
import { fromAscii } from "./octets.js";
import { unreadable } from "./verification-error.js";

export const WIDTH = 60;
export const HEIGHT = 80;
const TEMPLATE = 1;

/** ftyp, and meta down to the length of the picture's extent (ISO/IEC 14496-12, 23008-12). */
const BEFORE_EXTENT = fromHex(
  "0000001c667479706176696600000000617669666d6966316d696166000000e96d6574610000000000000021" +
    "68646c72000000000000000070696374000000000000000000000000000000000e7069746d00000000000100" +
    "00001e696c6f6300000000440000010001000000010000010d",
);
/** iinf and iprp: 60 by 80, one channel of eight bits. */
const BEFORE_DATA = fromHex(
  "0000002869696e660000000000010000001a696e6665020000000001000061763031436f6c6f720000000068" +
    "69707270000000496970636f0000001469737065000000000000003c000000500000000e7069786900000000" +
    "01080000000c6176314381001c0000000013636f6c726e636c780001000d0006800000001769706d61000000" +
    "000000000100010401028304",
);
const BOX_TYPE = fromAscii("mdat");
const BOX_HEAD_OCTETS = 8;
/** AV1: temporal delimiter, sequence header, and the header of the frame's unit. */
const BEFORE_FRAME = fromHex("12000a091815bb9edb010d06a032");

/**
 * The AVIF file, octet by octet as the encoder wrote it.
 *
 * @param {import("./licence-facts.js").StrippedPortrait} portrait
 */
export function portraitFile({ template, octets }) {
  if (template !== TEMPLATE) throw unreadable("portrait", "unknown template");
  const data = concatenate([BEFORE_FRAME, leb128(octets.length), octets]);
  const [extent, box] = [uint32(data.length), uint32(data.length + BOX_HEAD_OCTETS)];
  return concatenate([BEFORE_EXTENT, extent, BEFORE_DATA, box, BOX_TYPE, data]);
}

/**
 * A size as AV1 writes it (section 4.10.5); two octets are enough for a portrait.
 *
 * @param {number} value
 */
function leb128(value) {
  return value < 0x80 ? Uint8Array.of(value) : Uint8Array.of(0x80 | (value & 0x7f), value >> 7);
}

/** @param {number} value */
function uint32(value) {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
}

/** @param {string} text */
function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
