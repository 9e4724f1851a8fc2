/** Keeps the last records of a file while the survey passes over it, because its footer is among them. */
import type { Cutter } from '../records/cutter.js';
import type { FrameFault } from '../records/fault.js';

/** Bytes kept of a record. A longer one is not part of a footer. */
export const TAIL_BYTES = 2 * 1024;
const LEAST = 16;
/** A detected footer is within this many bytes of the end of the file. */
const REACH = 2 * 1024;

export interface TailRecord {
  bytes: Buffer;
  start: number;
  end: number;
  quoted: boolean;
  doubled: boolean;
  padded: boolean;
  line: number;
  fault: FrameFault | undefined;
  /** 1 is the first data record. */
  rowNumber: number;
  /** How many blank lines and records without a value come before it in the file. */
  passedLines: number;
}

type Seen = Pick<Cutter, 'start' | 'end' | 'quoted' | 'doubled' | 'padded' | 'line' | 'fault'> & {
  raw(): Buffer;
};

export class Tail {
  /** Only records that end within this many bytes of a window's end need to be added. */
  readonly reach: number;
  readonly #most: number;
  #records: TailRecord[] = [];
  /** Records of the current window, whose text is still there. */
  #window: TailRecord[] = [];

  /** @param asked how many records the footer has, according to the user */
  constructor(asked = 0) {
    this.reach = asked > 0 ? Number.POSITIVE_INFINITY : REACH;
    // The two records before them show whether the first may be the rest of one.
    this.#most = Math.max(LEAST, asked + 2);
  }

  /** Adds a data record. */
  add(record: Seen, rowNumber: number, passedLines: number): void {
    const { start, end, quoted, doubled, padded, line, fault } = record;
    const kept = { bytes: NONE, start, end, quoted, doubled, padded, line, fault, rowNumber, passedLines };
    kept.start = Math.max(start, end - TAIL_BYTES - 1);
    if (fault !== undefined) {
      // Its text may no longer be in the window.
      kept.bytes = Buffer.from(record.raw().subarray(0, TAIL_BYTES + 1));
      kept.start = 0;
      kept.end = kept.bytes.length;
    }
    this.#window.push(kept);
    if (this.#window.length > 4 * this.#most) this.#window.splice(0, 3 * this.#most);
  }

  /** Copies the kept records of a window that is about to go away. */
  endWindow(bytes: Buffer): void {
    const added = this.#window.slice(-this.#most);
    if (added.length === 0) return;
    const sound = added.filter(({ fault }) => fault === undefined);
    const from = sound[0]?.start ?? 0;
    const text = Buffer.from(bytes.subarray(from, sound.at(-1)?.end ?? 0));
    for (const record of sound) {
      record.bytes = text;
      record.start -= from;
      record.end -= from;
    }
    this.#records = [...this.#records, ...added].slice(-this.#most);
    this.#window = [];
  }

  /** Returns the last records of a file with the given number of records, in order and without gaps. */
  records(totalRows: number): TailRecord[] {
    const kept = this.#records;
    return kept.filter(({ rowNumber }, at) => totalRows - rowNumber === kept.length - 1 - at);
  }
}

const NONE = Buffer.alloc(0);
