/** Converts UTF-32 to UTF-8, a chunk at a time. */
import { type Transcoder, UNREADABLE } from './transcoder.js';

/**
 * Units that are not Unicode characters (surrogates, numbers over 10FFFF, a truncated unit at the end) become
 * UNREADABLE.
 */
export function utf32(bigEndian: boolean): Transcoder {
  let held: Uint8Array = new Uint8Array(0);
  return {
    write(chunk) {
      const bytes = Buffer.concat([held, chunk]);
      const whole = bytes.length - (bytes.length % 4);
      held = bytes.subarray(whole);
      const out: Uint8Array[] = [];
      let text = '';
      for (let at = 0; at < whole; at += 4) {
        const point = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
        if (point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)) text += String.fromCodePoint(point);
        else {
          out.push(Buffer.from(text, 'utf8'), Buffer.of(UNREADABLE));
          text = '';
        }
      }
      return Buffer.concat([...out, Buffer.from(text, 'utf8')]);
    },
    end: () => (held.length === 0 ? held : Uint8Array.of(UNREADABLE)),
  };
}
