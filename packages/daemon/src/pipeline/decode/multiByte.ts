/** Text of the multi-byte encodings of East Asia, a chunk at a time. */
import { streamIn } from './codec.js';
import type { Encoding } from './encodings.js';
import { type Transcoder, UNREADABLE } from './transcode.js';

/**
 * By the tables of iconv-lite, which keep half a character for the next chunk. What they cannot read they give as U+FFFD;
 * GB 18030 can say that character itself, and it is not read either: a program writes it only for what it could not read.
 */
export function multiByte(encoding: Encoding): Transcoder {
  const decoder = streamIn(encoding);
  return { write: (chunk) => utf8(decoder.write(chunk)), end: () => utf8(decoder.end()) };
}

function utf8(text: string): Uint8Array {
  if (!text.includes('\ufffd')) return Buffer.from(text, 'utf8');
  const parts = text.split('\ufffd');
  return Buffer.concat(
    parts.flatMap((part, at) => [...(at === 0 ? [] : [Buffer.of(UNREADABLE)]), Buffer.from(part, 'utf8')]),
  );
}
