/** Finds the records of a text: by RecordCutter where the text is as most are, else by DialectCutter. */
import { RecordCutter, type RecordOptions } from '../records.js';
import type { Cutter } from './cutter.js';
import { DialectCutter } from './dialectCutter.js';
import { isUsual } from './dialectTokens.js';

export function createCutter(options: RecordOptions): Cutter {
  return isUsual(options) ? new RecordCutter(options) : new DialectCutter(options);
}
