/**
 * Finds the rows of a batch that the table has already, before the batch is staged: they are read from the table in the format
 * of the batch, and their bytes are compared. To stage and join them takes PostgreSQL three times as long
 * (docs/decisions/0065-compared-rows.md).
 */
import type { Client } from '../../sql/pool.js';
import { STAGE_STEP } from '../../sql/target/stageStep.js';
import { isShort } from '../../sql/target/upsert/keyRange.js';
import { Pause } from '../../sql/target/upsert/pause.js';
import type { UpsertPlan } from '../../sql/target/upsert/statements.js';
import { mayCompare, readStored, storedBetween } from '../../sql/target/upsert/stored.js';
import { SIGNATURE, TRAILER } from '../batch/binaryCopy.js';
import { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';
import { binaryRows } from '../keptRecords.js';
import { NumberedRows } from './numberedRows.js';
import { fieldAt, RowComparison } from './rowComparison.js';
import type { TargetBatch } from './targetBatch.js';

/**
 * What part of a batch must be found so that the next one is compared too. With fewer, comparing takes longer than it saves; less
 * so if only keys are read.
 */
const FEWEST = { update: 7 / 8, skip: 1 / 2 };

/** How many bytes the table may send for each byte of the batch: its rows may be longer by far where a file keeps values. */
const MOST_BYTES = 4;
const SPARE_BYTES = 1024 * 1024;

const SIGNED: ReadonlySet<string> = new Set([
  'int2',
  'int4',
  'int8',
  'date',
  'time',
  'timestamp',
  'timestamptz',
]);

/** What the batches of a load share. */
interface Comparing {
  pause: Pause;
  /** Whether most rows of the last batch compared were found: then the next ones are in the order of the key too. */
  pays: boolean;
  /** Memory for the rows that are left. */
  rows: NumberedRows;
  memory: PayloadMemory;
}

const loads = new WeakMap<UpsertPlan, Comparing>();

/** The rows of a batch, without those that the table has unchanged or, if such rows are skipped, those whose key it has. */
export interface Remaining {
  found: number;
  /** With their numbers on the stage. */
  rows: CopyRows;
  /** Gives the memory of `rows` back. */
  release(): void;
}

/** Returns undefined if the rows were not compared. */
export async function withoutUnchanged(
  client: Client,
  plan: UpsertPlan,
  batch: TargetBatch,
): Promise<Remaining | undefined> {
  if (batch.rows.count === 0 || !mayCompare(plan)) return undefined;
  const load = loads.get(plan) ?? newComparing();
  loads.set(plan, load);
  const { pause } = load;
  if (pause.includesNext()) return undefined;
  const { count, copy } = batch.rows;
  const bytes = Buffer.from(copy.buffer, copy.byteOffset, copy.length).subarray(
    SIGNATURE.length,
    copy.length - TRAILER.length,
  );
  const { ends } = binaryRows(batch.kept);
  const { key, onConflict } = plan.conflict;
  const keyAt = key.parts.map(({ column }) => plan.copied.findIndex(({ name }) => name === column));
  const valuesAt = (start: number) => keyAt.map((column) => valueAt(bytes, fieldAt(bytes, start, column)));
  const lastAt = count > 1 ? ends[count - 2]! : 0;
  const stored = storedBetween(plan, valuesAt(0), valuesAt(lastAt), { count, bytes: bytes.length });
  if (!stored || !(load.pays || (await isShort(client, plan, stored)))) {
    pause.begin();
    return undefined;
  }
  const signed = keyAt.map((column) => SIGNED.has(plan.copied[column]!.type.name));
  const comparison = new RowComparison({ bytes, ends, keyAt, signed, whole: onConflict === 'update' });
  await readStored(client, plan, stored, (part) => comparison.see(part));
  load.pays = comparison.count >= FEWEST[onConflict] * count;
  if (comparison.received > MOST_BYTES * bytes.length + SPARE_BYTES) pause.beginForGood();
  else if (load.pays) pause.reset();
  else pause.begin();
  const rows = remaining(load, bytes, ends, comparison.found);
  return { found: comparison.count, rows, release: () => load.memory.giveBack([rows.copy]) };
}

function newComparing(): Comparing {
  return { pause: new Pause(), pays: false, rows: new NumberedRows(), memory: new PayloadMemory() };
}

/** Returns the rows that were not found. The k-th row of a batch has the number k × STAGE_STEP (stage.ts). */
function remaining(
  { rows, memory }: Comparing,
  bytes: Buffer,
  ends: Uint32Array,
  found: Uint8Array,
): CopyRows {
  for (let row = found.indexOf(0); row >= 0; row = found.indexOf(0, row + 1))
    rows.add((row + 1) * STAGE_STEP, bytes.subarray(row === 0 ? 0 : ends[row - 1]!, ends[row]!));
  return rows.take(memory);
}

function valueAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at));
}
