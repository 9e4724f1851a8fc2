/** Text of the multi-byte encodings of East Asia, a chunk at a time. */
import { isAscii } from 'node:buffer';
import { textIn } from './codec.js';
import type { Encoding } from './encodings.js';
import { type Transcoder, UNREADABLE } from './transcoder.js';

/** Below it are line ends, tabs, spaces, commas and quotes, of which no character of several bytes has one. */
const NO_PART = 0x30;
/** As much text without any of those is decoded in pieces: more than a record may have, and it bounds the memory. */
const MOST_HELD = 4 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/**
 * By the tables of iconv-lite. Whole words are decoded, and the rest of a chunk is kept for the next: the decoders of
 * iconv-lite keep half a character too, but lose the byte behind it where the two are none, a line end for one.
 *
 * What cannot be read is U+FFFD there. GB 18030 can say that character itself, and it is not read either: a program writes it
 * only for what it could not read.
 */
export function multiByte(encoding: Encoding): Transcoder {
  let held: Uint8Array = NOTHING;
  const decoded = (bytes: Uint8Array) => (isAscii(bytes) ? bytes : utf8(textIn(bytes, encoding)));
  return {
    write(chunk) {
      if (held.length === 0 && isAscii(chunk)) return chunk;
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const out: Uint8Array[] = [];
      let from = 0;
      let word = held.length;
      for (let at = word; at < bytes.length; at++) {
        const isEdge = bytes[at]! < NO_PART;
        word = isEdge ? 0 : word + 1;
        if (!isEdge && word < MOST_HELD) continue;
        word = 0;
        // Pieces that end at edges are decoded together below.
        if (!isEdge) {
          out.push(decoded(bytes.subarray(from, at + 1)));
          from = at + 1;
        }
      }
      const end = bytes.length - word;
      if (end > from) out.push(decoded(bytes.subarray(from, end)));
      held = Uint8Array.from(bytes.subarray(end));
      return out.length === 1 ? out[0]! : Buffer.concat(out);
    },
    end() {
      const rest = decoded(held);
      held = NOTHING;
      return rest;
    },
  };
}

function utf8(decoded: string): Uint8Array {
  // Of four bytes beyond the last character GB 18030 tables make half pairs, which UTF-8 cannot have.
  const text = decoded.replace(/\p{Cs}/gu, '\ufffd');
  if (!text.includes('\ufffd')) return Buffer.from(text, 'utf8');
  const parts = text.split('\ufffd');
  return Buffer.concat(
    parts.flatMap((part, at) => [...(at === 0 ? [] : [Buffer.of(UNREADABLE)]), Buffer.from(part, 'utf8')]),
  );
}
