/** What finds the records of a text. */
import type { FrameFault } from './fault.js';

/** Pull one record after the other: see RecordCutter, which describes all of these. */
export interface Cutter {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly quoted: boolean;
  readonly doubled: boolean;
  readonly padded: boolean;
  readonly fault: FrameFault | undefined;
  readonly empty: boolean;
  readonly lineEnd: number;
  readonly foreign: boolean;
  readonly joined: boolean;
  readonly nextOffset: number;
  readonly nextLine: number;
  /** Records without a value are passed over, and counted: where a file has two columns or more. */
  passesEmpty: boolean;
  readonly passedEmpty: number;
  readonly passedLines: number;
  push(chunk: Uint8Array): void;
  finish(): void;
  next(): boolean;
  raw(): Buffer;
}
