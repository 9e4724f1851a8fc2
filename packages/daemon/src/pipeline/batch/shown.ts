/** Bytes that are no clean text, as a text that a person can read and that PostgreSQL can keep. */
import { RAW_LIMIT } from '../records.js';

/**
 * The text of a record that could not be cut: at most RAW_LIMIT bytes and then an ellipsis, U+FFFD for bytes that are
 * not UTF-8, U+2400 for NUL, which neither text nor jsonb can hold.
 */
export function shownText(raw: Buffer): string {
  let end = Math.min(raw.length, RAW_LIMIT);
  const cut = end < raw.length;
  // Not within a character: back over its continuation bytes, which are at most three.
  for (let back = 0; cut && back < 3 && (raw[end]! & 0xc0) === 0x80; back++) end--;
  return raw.toString('utf8', 0, end).replaceAll('\0', '\u2400') + (cut ? '…' : '');
}
