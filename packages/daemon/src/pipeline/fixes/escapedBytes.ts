/**
 * Turns the escapes that transcode.ts writes into the text for bytes an encoding does not define (`UNREADABLE` and the
 * two halves of the byte) back into the original bytes.
 */
import { isUtf8 } from 'node:buffer';
import { UNREADABLE } from '../decode/transcoder.js';

/** Returns the text unchanged if the bytes happen to be valid UTF-8, because they must not be read as such. */
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
