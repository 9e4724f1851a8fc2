/** How far the daemon has read a file before it loads the first row. */
import type { FileReading } from '@csvjobs/shared';
import { bytes } from './text.js';

/** `reading the file: 1.20 of 3.40 GB`; with `again` if its encoding needs another pass. */
export function readingText({ readBytes, totalBytes, pass }: FileReading): string {
  const [whole = '', unit] = bytes(totalBytes).split(' ');
  const [part = '', partUnit] = bytes(readBytes).split(' ');
  const read = partUnit === unit ? part : `${part} ${partUnit}`;
  return `reading the file${pass > 1 ? ' again' : ''}: ${read} of ${whole} ${unit}`;
}
