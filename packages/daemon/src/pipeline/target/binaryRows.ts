/**
 * Builds payloads of binary rows (PostgreSQL manual, COPY, "Binary Format"), and takes rows and columns out of them.
 */
import { setImmediate } from 'node:timers/promises';
import { SIGNATURE, TRAILER } from '../batch/binaryCopy.js';
import type { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';

/** Rows that are copied before the event loop gets a turn. */
const PART = 5_000;

/** Returns rows as a payload, in memory taken for it. */
export function takeBinary(memory: PayloadMemory, count: number, rows: Uint8Array): CopyRows {
  if (count === 0) return { count, copy: memory.take(0) };
  const copy = memory.take(SIGNATURE.length + rows.length + TRAILER.length);
  copy.set(SIGNATURE);
  copy.set(rows, SIGNATURE.length);
  copy.set(TRAILER, SIGNATURE.length + rows.length);
  return { count, copy };
}

/**
 * Returns a payload's rows with only some of their columns.
 * @param ends where each row ends, counted from the start of the first
 * @param columns the positions of the columns in a row, ascending
 */
export async function projectRows(
  { count, copy }: CopyRows,
  ends: Uint32Array,
  columns: readonly number[],
  memory: PayloadMemory,
): Promise<CopyRows> {
  const payload = memory.take(copy.length);
  payload.set(SIGNATURE);
  let to = SIGNATURE.length;
  for (let row = 0; row < count; row += PART) {
    if (row > 0) await setImmediate();
    to = projectPart(copy, ends, row, Math.min(count, row + PART), columns, payload, to);
  }
  payload.set(TRAILER, to);
  return { count, copy: payload.subarray(0, to + TRAILER.length) };
}

/**
 * Copies the given columns of some rows to `start` of the payload. Returns where they end. A separate function, because
 * V8 does not optimize loops with an await well.
 */
function projectPart(
  copy: Uint8Array,
  ends: Uint32Array,
  first: number,
  end: number,
  columns: readonly number[],
  payload: Uint8Array,
  start: number,
): number {
  const from = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  const into = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  let to = start;
  for (let row = first; row < end; row++) {
    // After the number of columns.
    let at = SIGNATURE.length + (row === 0 ? 0 : ends[row - 1]!) + 2;
    into.setInt16(to, columns.length);
    to += 2;
    let column = 0;
    for (const wanted of columns) {
      for (; column < wanted; column++) at += 4 + Math.max(0, from.getInt32(at));
      const size = 4 + Math.max(0, from.getInt32(at));
      for (let byte = 0; byte < size; byte++) payload[to + byte] = copy[at + byte]!;
      to += size;
      at += size;
      column++;
    }
  }
  return to;
}

/**
 * Returns a payload without some of its rows.
 * @param without their positions, from 0, ascending
 */
export function withoutRows(
  { count, copy }: CopyRows,
  ends: Uint32Array,
  without: readonly number[],
  memory: PayloadMemory,
): CopyRows {
  const left = memory.take(copy.length);
  const startOf = (row: number) => SIGNATURE.length + (row === 0 ? 0 : ends[row - 1]!);
  let from = 0;
  let to = 0;
  for (const row of [...without, count]) {
    const run = copy.subarray(from, startOf(row));
    left.set(run, to);
    to += run.length;
    from = startOf(row + 1);
  }
  left.set(TRAILER, to);
  return { count: count - without.length, copy: left.subarray(0, to + TRAILER.length) };
}
