/**
 * Bytes that an encoding does not define, as transcode.ts writes them into the text (`UNREADABLE` and the two halves of the
 * byte), as the bytes that they were.
 */
import { isUtf8 } from 'node:buffer';
import { UNREADABLE } from '../decode/transcoder.js';

/** The text stays as it is where the bytes would by chance be characters of UTF-8: they must not be read as such. */
export function escapedBytes(text: Buffer): Buffer {
  if (!text.includes(UNREADABLE)) return text;
  const out = Buffer.alloc(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const isEscape = text[at] === UNREADABLE && text[at + 1]! >= 0xf0 && text[at + 2]! >= 0xf0;
    out[length++] = isEscape ? ((text[at + 1]! & 0x0f) << 4) | (text[at + 2]! & 0x0f) : text[at]!;
    if (isEscape) at += 2;
  }
  const bytes = out.subarray(0, length);
  return isUtf8(bytes) ? text : bytes;
}
