/** Decodes the multi-byte encodings of East Asia, a chunk at a time. */
import { isAscii } from 'node:buffer';
import { textIn } from './codec.js';
import type { Encoding } from './encodings.js';
import { type Transcoder, UNREADABLE } from './transcoder.js';

/** Below this are line ends, tabs, spaces, commas and quotes, which are never part of a multi-byte character. */
const NO_PART = 0x30;
/** Longer text without any of those is decoded in pieces, to limit memory. Larger than any record may be. */
const MOST_HELD = 4 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/**
 * Decodes with the tables of iconv-lite. Decodes whole words, and keeps the rest of a chunk for the next one. (The
 * decoders of iconv-lite also keep half a character, but if the next byte does not complete it, they lose that byte,
 * which may be a line end.)
 *
 * iconv-lite replaces unreadable bytes by U+FFFD. GB 18030 can encode that character itself, which also counts as
 * unreadable, because programs write it only for text that they could not read.
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
  // For four bytes beyond the last character, GB 18030 tables return unpaired surrogates, which UTF-8 cannot encode.
  const text = decoded.replace(/\p{Cs}/gu, '\ufffd');
  if (!text.includes('\ufffd')) return Buffer.from(text, 'utf8');
  const parts = text.split('\ufffd');
  return Buffer.concat(
    parts.flatMap((part, at) => [...(at === 0 ? [] : [Buffer.of(UNREADABLE)]), Buffer.from(part, 'utf8')]),
  );
}
