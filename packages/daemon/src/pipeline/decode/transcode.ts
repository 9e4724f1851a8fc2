/** Converts bytes of any supported encoding to UTF-8, a chunk at a time. */
import { isAscii } from 'node:buffer';
import iconv from 'iconv-lite';
import { textIn } from './codec.js';
import type { Encoding } from './encodings.js';
import { EucJpWriter } from './iso2022jp.js';
import { multiByte } from './multiByte.js';
import { type Transcoder, UNREADABLE } from './transcoder.js';
import { utf32 } from './utf32.js';

const NOTHING = new Uint8Array(0);

/**
 * Returns the replacement for a byte that the encoding does not define: UNREADABLE, then the byte's halves as two bytes
 * that are never adjacent in UTF-8. So the original byte can be restored (pipeline/fixes/escapedBytes.ts), and none of
 * these bytes has a meaning in CSV.
 */
function unreadable(byte: number): number[] {
  return [UNREADABLE, 0xf0 | (byte >> 4), 0xf0 | (byte & 0x0f)];
}

/** Returns a new transcoder. UTF-8 passes through unchanged, even if invalid. Byte order marks are text here. */
export function transcoderFor(encoding: Encoding): Transcoder {
  if (encoding === 'utf-8') return { write: (chunk) => chunk, end: () => NOTHING };
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16(encoding);
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return utf32(encoding === 'utf-32be');
  if (encoding === 'iso-2022-jp') return iso2022jp();
  return isMultiByte(encoding) ? multiByte(encoding) : singleByte(encoding);
}

/** Whether a character may have several bytes, the second of which may be an ASCII one. */
export function isMultiByte(encoding: Encoding): boolean {
  return MULTI_BYTE.has(encoding);
}

const MULTI_BYTE = new Set<Encoding>([
  'gb18030',
  'gbk',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'iso-2022-jp',
]);

function iso2022jp(): Transcoder {
  const writer = new EucJpWriter();
  const { write, end } = multiByte('euc-jp');
  return {
    write: (chunk) => write(writer.write(chunk)),
    end: () => Buffer.concat([write(writer.end()), end()]),
  };
}

/**
 * Applies a table from iconv-lite. Its own decoder, with a string in between, runs at 0.19 GB/s, this code at 0.33; and
 * a table has no state, so chunks may end anywhere.
 */
function singleByte(encoding: Encoding): Transcoder {
  const lengths = new Uint8Array(256);
  const utf8 = new Uint8Array(256 * 4);
  for (let byte = 0; byte < 256; byte++) {
    const character = textIn(Buffer.of(byte), encoding);
    const bytes = character === '\ufffd' ? unreadable(byte) : Buffer.from(character, 'utf8');
    lengths[byte] = bytes.length;
    utf8.set(bytes, byte * 4);
  }
  let scratch = new Uint8Array(0);
  return {
    write(chunk) {
      if (isAscii(chunk)) return chunk;
      // All characters of these encodings are in the basic multilingual plane, so they have at most three bytes.
      if (scratch.length < chunk.length * 3) scratch = new Uint8Array(chunk.length * 3);
      const out = scratch;
      let to = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at]!;
        if (byte < 0x80) out[to++] = byte;
        else {
          const from = byte * 4;
          const length = lengths[byte]!;
          out[to] = utf8[from]!;
          out[to + 1] = utf8[from + 1]!;
          out[to + 2] = utf8[from + 2]!;
          to += length;
        }
      }
      return out.slice(0, to);
    },
    end: () => NOTHING,
  };
}

function utf16(encoding: Encoding): Transcoder {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  let odd: number | undefined;
  let high = '';
  return {
    write(chunk) {
      if (chunk.length % 2 === 1) odd = odd === undefined ? chunk.at(-1) : undefined;
      else if (odd !== undefined && chunk.length > 0) odd = chunk.at(-1);
      let text = high + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      // The second half of the pair may come with the next chunk.
      high = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
      if (high) text = text.slice(0, -1);
      return encoded(text);
    },
    end() {
      const rest = encoded(high + (decoder.end() ?? ''));
      // iconv-lite silently drops the last byte of an odd number.
      return odd === undefined ? rest : Buffer.concat([rest, Buffer.from(unreadable(odd))]);
    },
  };
}

/**
 * Encodes text as UTF-8. Unpaired surrogates, which Node would replace by U+FFFD, are encoded as WTF-8: this is invalid
 * UTF-8, so their record is rejected, but it preserves them.
 */
function encoded(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  if (!bytes.includes('\ufffd')) return bytes;
  const parts = text.split(/(\p{Surrogate})/u);
  return Buffer.concat(
    parts.map((part, at) => {
      if (at % 2 === 0) return Buffer.from(part, 'utf8');
      const unit = part.charCodeAt(0);
      return Buffer.of(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
    }),
  );
}
