// Writes the row of a record in the binary format of COPY: the steps of `add` in src/rows/rowWriter.ts.
import {
  COLUMN_BYTES,
  COLUMN_EMPTY,
  COLUMN_EMPTY_LENGTH,
  COLUMN_FLAGS,
  COLUMN_LIMIT,
  COLUMN_POSITION,
  COLUMN_SCALE,
  COLUMN_SHOWN,
  NULLABLE,
  TAKES_EMPTY,
  TRIMS,
} from '../src/pipeline/target/plain/memoryLayout';
import {
  BOOLEAN,
  CHAR,
  DATE,
  FLOAT4,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  UUID,
} from '../src/rows/types/kernelKinds';
import { MISSING } from '../src/rows/types/writeResults';
import { copy, put16, put32, put64 } from './binary';
import { booleanOf } from './boolean';
import { days, isoDays, isoTimestamp, micros } from './dateTime';
import { fieldEnd, fieldStart } from './fields';
import { float, readFloat } from './float';
import { integer, number } from './integer';
import { writeNumeric } from './numeric';
import { writeUuid } from './uuid';

/** Has a value written by the rule of its column: returns where it ends, DOUBT or MISSING. */
declare function writeByRule(column: u32, start: u32, end: u32, to: u32): i32;

const SPACE: u32 = 0x20;
const LENGTH: u32 = 4;
const NULL = -1;

let columnsAt: u32 = 0;
let columns: u32 = 0;
let allColumns: u32 = 0;
let constantsAt: u32 = 0;
let constantsLength: u32 = 0;

/** @param all number of columns of a row, with constants */
export function setColumns(at: u32, count: u32, all: u32, constants: u32, length: u32): void {
  columnsAt = at;
  columns = count;
  allColumns = all;
  constantsAt = constants;
  constantsLength = length;
}

export function isBlank(byte: u32): bool {
  return byte === SPACE || byte - 9 <= 4;
}

/** Writes the row of the record that was split last; returns where it ends, or 0 if one of its values is in doubt. */
export function writeRow(to: u32): u32 {
  let at = to;
  put16(at, allColumns);
  at += 2;
  for (let index: u32 = 0; index < columns; index++) {
    const column = columnsAt + index * COLUMN_BYTES;
    const position = load<u32>(column, COLUMN_POSITION);
    const flags = <u32>load<u8>(column, COLUMN_FLAGS);
    let start = fieldStart(position);
    let end = fieldEnd(position);
    if (
      (flags & TRIMS) !== 0 &&
      start < end &&
      (<u32>load<u8>(start) <= SPACE || <u32>load<u8>(end - 1) <= SPACE)
    ) {
      while (start < end && isBlank(load<u8>(start))) start++;
      while (end > start && isBlank(load<u8>(end - 1))) end--;
    }
    let writtenTo: u32 = 0;
    if (start < end || (flags & TAKES_EMPTY) !== 0) {
      writtenTo = start < end ? writeValue(column, start, end, at + LENGTH) : 0;
      if (writtenTo === 0) {
        const result = writeByRule(index, start, end, at + LENGTH);
        if (result >= 0) writtenTo = result;
        else if (result !== MISSING) return 0;
      }
    }
    if (writtenTo !== 0) {
      put32(at, writtenTo - at - LENGTH);
      at = writtenTo;
      continue;
    }
    const length = load<u32>(column, COLUMN_EMPTY_LENGTH);
    if (length > 0) {
      copy(load<u32>(column, COLUMN_EMPTY), length, at);
      at += length;
    } else if ((flags & NULLABLE) !== 0) {
      put32(at, NULL);
      at += LENGTH;
    } else return 0;
  }
  copy(constantsAt, constantsLength, at);
  return at + constantsLength;
}

/** Returns where a value ends, or 0 if only its rule can write it. */
function writeValue(column: u32, start: u32, end: u32, to: u32): u32 {
  const limit = load<u32>(column, COLUMN_LIMIT);
  const kind = <u32>load<u8>(column);
  switch (kind) {
    case CHAR:
    case TEXT:
      if (end - start > limit || (kind === CHAR && <u32>load<u8>(end - 1) === SPACE)) return 0;
      copy(start, end - start, to);
      return to + end - start;
    case INT2:
      if (!integer(start, end, 0x7fff)) return 0;
      put16(to, <u32>number);
      return to + 2;
    case INT4:
      if (!integer(start, end, 0x7fff_ffff)) return 0;
      put32(to, <i32>number);
      return to + 4;
    case INT8:
      if (!integer(start, end, i64.MAX_VALUE)) return 0;
      put64(to, number);
      return to + 8;
    case NUMERIC:
      return writeNumeric(
        start,
        end,
        load<u32>(column, COLUMN_SCALE),
        load<u32>(column, COLUMN_SHOWN),
        limit,
        to,
      );
    case FLOAT4:
      if (!readFloat(start, end, 24)) return 0;
      put32(to, reinterpret<i32>(<f32>float));
      return to + 4;
    case FLOAT8:
      if (!readFloat(start, end, 53)) return 0;
      put64(to, reinterpret<i64>(float));
      return to + 8;
    case DATE:
      if (end - start !== 10 || !isoDays(start)) return 0;
      put32(to, days);
      return to + 4;
    case TIMESTAMP:
    case TIMESTAMPTZ:
      if (!isoTimestamp(start, end, load<u32>(column, COLUMN_SCALE), kind === TIMESTAMPTZ)) return 0;
      put64(to, micros);
      return to + 8;
    case BOOLEAN: {
      const value = booleanOf(start, end);
      if (value < 0) return 0;
      store<u8>(to, value);
      return to + 1;
    }
    case UUID:
      return writeUuid(start, end, to) ? to + 16 : 0;
    default:
      return 0;
  }
}
