/** Bytes that are not clean text, as text that people can read and PostgreSQL can store. */
import { RAW_LIMIT } from '../records.js';

/**
 * Returns the text of a record that could not be cut: at most RAW_LIMIT bytes, then an ellipsis. Bytes that are not
 * UTF-8 become U+FFFD; NUL, which neither text nor jsonb can hold, becomes U+2400.
 */
export function shownText(raw: Buffer): string {
  let end = Math.min(raw.length, RAW_LIMIT);
  const cut = end < raw.length;
  // Moves back over at most three continuation bytes, so that no character is split.
  for (let back = 0; cut && back < 3 && (raw[end]! & 0xc0) === 0x80; back++) end--;
  return raw.toString('utf8', 0, end).replaceAll('\0', '\u2400') + (cut ? '…' : '');
}
