/**
 * Handles columns that several fields fill: appends their texts to the record's own fields, so that a row has one field
 * for each column.
 */
import { type Alternative, alternativesOf } from './alternatives.js';
import { valueEnd, valueStart } from './blanks.js';
import type { ColumnFrom, PlanColumn } from './planColumn.js';
import type { IsMissing } from './readings/missing.js';
import type { RecordFields } from './rowWriter.js';

interface Several {
  positions: readonly number[];
  alternatives: readonly Alternative[];
  isMissing: IsMissing;
}
type FromFields = Exclude<ColumnFrom, { kind: 'constant' }>;

/** Returns the record with one more field for each column that has several; valid until the next call. */
export type Gather = (fields: RecordFields) => RecordFields;

export interface Gathered {
  /** Undefined if each column has one field. */
  gather: Gather | undefined;
  /** The field of each column that has any, in the result of `gather`. */
  positions: number[];
  /** Number of fields that a record must have. */
  width: number;
}

const SPACE = 0x20;
const FIRST_SIZE = 4 * 1024;

/** @param missing for each column: recognizes a missing value in one of its fields */
export function createGather(columns: readonly PlanColumn[], missing: readonly IsMissing[]): Gathered {
  const sources = columns.flatMap(({ from }, at) =>
    from.kind === 'constant' ? [] : [{ ...from, isMissing: missing[at]! }],
  );
  const read = sources.flatMap((from) => (from.kind === 'field' ? [from.position] : from.positions));
  const width = Math.max(0, ...read.map((position) => position + 1));
  const several: Several[] = [];
  const positions = sources.map((from) =>
    from.kind === 'field'
      ? from.position
      : width + several.push({ ...from, alternatives: alternativesOf(from) }) - 1,
  );
  return { gather: several.length === 0 ? undefined : gatherOf(several, width), positions, width };
}

function gatherOf(several: readonly Several[], width: number): Gather {
  let bytes = Buffer.alloc(FIRST_SIZE);
  const starts = new Int32Array(width + several.length);
  const ends = new Int32Array(width + several.length);
  const count = starts.length;

  return (fields) => {
    // With the byte before, which says whether the first field had quotes.
    const first = Math.max(0, fields.starts[0]! - 1);
    const length = fields.ends[width - 1]! - first;
    const needed = length + several.reduce((sum, { positions }) => sum + sizeOf(fields, positions), 0);
    if (needed > bytes.length) bytes = Buffer.alloc(needed * 2);
    bytes.set(fields.bytes.subarray(first, first + length));
    for (let at = 0; at < width; at++) {
      starts[at] = fields.starts[at]! - first;
      ends[at] = fields.ends[at]! - first;
    }
    let to = length;
    for (const [at, { alternatives, isMissing }] of several.entries()) {
      const before = to;
      starts[width + at] = before;
      for (const { positions, alone } of alternatives) {
        for (const position of positions) {
          const first = fields.starts[position]!;
          const last = fields.ends[position]!;
          const from = valueStart(fields.bytes, first, last);
          const end = valueEnd(fields.bytes, from, last);
          if (from === end || isMissing(fields.bytes, from, end)) continue;
          if (to > before) bytes[to++] = SPACE;
          // Unchanged, like the value of a column with one field: the column's reader handles blanks.
          const taken = alone ? fields.bytes.subarray(first, last) : fields.bytes.subarray(from, end);
          bytes.set(taken, to);
          to += taken.length;
        }
        if (to > before) break;
      }
      ends[width + at] = to;
    }
    return { bytes, count, starts, ends };
  };
}

function sizeOf({ starts, ends }: RecordFields, positions: readonly number[]): number {
  return positions.reduce((sum, position) => sum + ends[position]! - starts[position]! + 1, 0);
}

/** Returns the text of a column in a record. Fields that the record lacks count as empty. */
export function fieldText(fields: RecordFields, from: FromFields, isMissing: IsMissing): string {
  if (from.kind === 'field') return textOf(fields, from.position);
  const { bytes } = fields;
  for (const { positions, alone } of alternativesOf(from)) {
    const given: string[] = [];
    for (const position of positions) {
      if (position >= fields.count) continue;
      const start = valueStart(bytes, fields.starts[position]!, fields.ends[position]!);
      const end = valueEnd(bytes, start, fields.ends[position]!);
      if (start === end || isMissing(bytes, start, end)) continue;
      given.push(alone ? textOf(fields, position) : decode(bytes, start, end));
    }
    if (given.length > 0) return given.join(' ');
  }
  return '';
}

function textOf({ bytes, count, starts, ends }: RecordFields, position: number): string {
  return position < count ? decode(bytes, starts[position]!, ends[position]!) : '';
}

export function decode(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}
