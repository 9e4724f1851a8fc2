/** Bytes that are no clean text, as a text that a person can read and that PostgreSQL can keep. */
import { RAW_LIMIT } from '../records.js';

/**
 * The text of a record that could not be cut: at most RAW_LIMIT bytes and then an ellipsis, U+FFFD for bytes that are
 * not UTF-8, U+2400 for NUL, which neither text nor jsonb can hold.
 */
export function shownText(raw: Uint8Array): string {
  // `stream` leaves out a character that the limit cuts in two.
  const cut = raw.length > RAW_LIMIT;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw.subarray(0, RAW_LIMIT), {
    stream: cut,
  });
  return text.replaceAll('\0', '\u2400') + (cut ? '…' : '');
}
