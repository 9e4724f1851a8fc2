// The kernel reads plain records: those that need no closer look. In most files, nearly all are plain. The code in src reads the
// others. Both must agree on every record that the kernel accepts.
import { PAIR_BYTES } from '../src/pipeline/keys/keyPairs';
import { RECORD_BYTES } from '../src/pipeline/target/plain/memoryLayout';
import { fieldEnd, fieldStart, quoted, recordAfter, recordEnd, setFormat, split } from './fields';
import { setKeys, writeKeys } from './keys';
import { setColumns, writeRow } from './row';

export { setColumns, setFormat, setKeys };

const SPACE: u32 = 0x20;

let fields: u32 = 0;
let named: u32 = 0;
let maxRecordBytes: u32 = 0;
let growth: u32 = 0;
let keyBytes: u32 = 0;

/** After `read`: where the next record starts, and the end of the rows. */
export let textAt: u32 = 0;
export let rowsEnd: u32 = 0;

/**
 * @param all number of fields of a record
 * @param before those beyond must be empty
 * @param most maximum size of a record
 * @param more maximum number of bytes of a row in addition to those of its record
 */
export function setLimits(all: u32, before: u32, most: u32, more: u32, keys: u32): void {
  fields = all;
  named = before;
  maxRecordBytes = most;
  growth = more;
  keyBytes = keys * PAIR_BYTES;
}

/**
 * Reads at most `most` records, up to the first that is not plain. Returns their number.
 * @param text the bytes from there to `textEnd`, which SLACK bytes follow
 * @param rows where to write rows, at most up to `rowsLimit`
 * @param records where to describe each record (RECORD_BYTES)
 * @param pairs where to write the hashes of its keys
 */
export function read(
  text: u32,
  textEnd: u32,
  rows: u32,
  rowsLimit: u32,
  records: u32,
  pairs: u32,
  most: u32,
): u32 {
  let at = text;
  let to = rows;
  let count: u32 = 0;
  for (; count < most && at < textEnd; count++) {
    if (!split(at, textEnd)) break;
    const length = recordEnd - at;
    if (length > maxRecordBytes || to + length + growth > rowsLimit || !hasOnlyNamedValues()) break;
    const rowEnd = writeRow(to);
    if (rowEnd === 0 || !writeKeys(pairs)) break;
    store<u32>(records, at);
    store<u32>(records + 4, recordEnd);
    store<u32>(records + 8, rowEnd);
    store<u32>(records + 12, quoted ? 1 : 0);
    records += RECORD_BYTES;
    pairs += keyBytes;
    to = rowEnd;
    at = recordAfter;
  }
  textAt = at;
  rowsEnd = to;
  return count;
}

/** Whether a field with a name starts with a visible character, and all others are empty. */
function hasOnlyNamedValues(): bool {
  for (let position = named; position < fields; position++)
    if (fieldStart(position) < fieldEnd(position)) return false;
  for (let position: u32 = 0; position < named; position++) {
    const start = fieldStart(position);
    if (start < fieldEnd(position) && <u32>load<u8>(start) > SPACE) return true;
  }
  return false;
}
