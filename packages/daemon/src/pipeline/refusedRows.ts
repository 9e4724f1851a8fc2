/** Writes the records that PostgreSQL refused into the report. */
import { setImmediate } from 'node:timers/promises';
import { type Payload, PIECE_BYTES } from '../sql/copy.js';
import { PayloadMemory } from './batch/memory.js';
import { ReportRows } from './batch/reportRows.js';

/** A piece is full at this many bytes, so that with its last row it mostly fits into memory of PIECE_BYTES. */
const FULL = PIECE_BYTES - 8 * 1024;

/**
 * Stores rejects, and makes their rows while PostgreSQL stores earlier ones: a batch of them in one buffer is 17 MB, and
 * PostgreSQL would wait for all of it.
 * @param write writes the row of a reject
 * @param load stores rows in the format of ReportRows
 */
export type StoreRefused = <Reject>(
  rejects: readonly Reject[],
  write: (into: ReportRows, reject: Reject) => void,
  load: (rows: Payload) => Promise<void>,
) => Promise<void>;

/** @param jobId the job's UUID */
export function createStoreRefused(jobId: string): StoreRefused {
  const memory = new PayloadMemory();
  return async (rejects, write, load) => {
    const pieces: Uint8Array[] = [];
    async function* made(): AsyncGenerator<Uint8Array, void> {
      const rows = new ReportRows(jobId);
      for (const [at, reject] of rejects.entries()) {
        write(rows, reject);
        if (rows.length < FULL && at < rejects.length - 1) continue;
        const { copy } = rows.take(memory);
        pieces.push(copy);
        yield copy;
        await setImmediate();
      }
    }
    await load(made());
    // Until here the stream may hold pieces that are not sent yet.
    memory.giveBack(pieces);
  };
}
