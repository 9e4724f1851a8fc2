/** A job that has not loaded its first row yet. */
import { readingText } from '../text/reading.js';
import { bytes, duration, percent } from '../text/text.js';
import type { Lane } from './lane.js';

/**
 * Describes a job that waits for a worker, or whose file is being read before its first row is loaded: how far, or
 * otherwise its size and for how long.
 */
export function pendingText(
  { reading, read, totalBytes }: Lane,
  dim: (text: string) => string,
  now: number,
): string {
  if (reading === undefined) return dim('waiting for its turn');
  if (read) return readingText(read);
  const size = totalBytes === undefined ? '' : ` (${bytes(totalBytes)})`;
  return `reading the file${size}, ${duration(Math.floor(Math.max(0, now - reading) / 1000) * 1000)}`;
}

/** The same in little space: `reading 45%`. */
export function pendingWord({ reading, read }: Lane): string {
  if (reading === undefined) return 'waiting';
  return read ? `reading ${percent(read.readBytes, read.totalBytes)}` : 'reading';
}
