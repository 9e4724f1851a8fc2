/** The interface of the classes that find the records of a text. */
import type { FrameFault } from './fault.js';

/** Pull one record after another. RecordCutter describes all members. */
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
  /** Whether to skip and count records without a value: used if the file has two or more columns. */
  passesEmpty: boolean;
  readonly passedEmpty: number;
  readonly passedLines: number;
  /** The window, and where its unread part starts; undefined if records cannot be read there. */
  readonly unread?: { bytes: Buffer; at: number } | undefined;
  /** Moves on to a position of the window, past records of one line each, with the file's own line ends. */
  passTo?(at: number, lines: number): void;
  push(chunk: Uint8Array): void;
  finish(): void;
  next(): boolean;
  raw(): Buffer;
}
