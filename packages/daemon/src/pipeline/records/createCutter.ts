/** Creates the cutter for a text: RecordCutter for the usual dialect, DialectCutter for any other. */
import { RecordCutter, type RecordOptions } from '../records.js';
import type { Cutter } from './cutter.js';
import { DialectCutter } from './dialectCutter.js';
import { isUsual } from './dialectTokens.js';

export function createCutter(options: RecordOptions): Cutter {
  return isUsual(options) ? new RecordCutter(options) : new DialectCutter(options);
}
