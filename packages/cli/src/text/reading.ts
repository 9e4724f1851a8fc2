/** How far the daemon is in a file that it reads before it loads the first row. */
import type { FileReading } from '@csvjobs/shared';
import { bytes } from './text.js';

/** `reading the file: 1.20 of 3.40 GB`; `again` where its encoding takes another pass. */
export function readingText({ readBytes, totalBytes, pass }: FileReading): string {
  const [whole = '', unit] = bytes(totalBytes).split(' ');
  const [part = '', partUnit] = bytes(readBytes).split(' ');
  const read = partUnit === unit ? part : `${part} ${partUnit}`;
  return `reading the file${pass > 1 ? ' again' : ''}: ${read} of ${whole} ${unit}`;
}
