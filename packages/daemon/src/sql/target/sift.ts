/**
 * Finds the rows of a batch that PostgreSQL would refuse for faults of their own, on a stage with only the columns that
 * decide this, so that all other rows can be copied straight. This costs a fifth of a full stage, from which each row
 * has to be inserted again.
 */
import { changesRows } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import type { LoadPlan } from './loadPlan.js';
import { setAside } from './loadStaged.js';
import type { RefusedRow } from './oneByOne.js';
import { clearStage, createStage, fillStage } from './stage.js';

/**
 * Returns the columns that may cause a refusal, as places in the plan: those of checks and foreign keys and, if
 * `keys`, of keys. Empty if no fault can be found in advance.
 */
export function siftedColumns({ target, columns }: LoadPlan, keys: boolean): number[] {
  if (changesRows(target)) return [];
  const filled = new Set(columns.map(({ name }) => name));
  const rules = [
    ...target.checks.filter(({ enforced }) => enforced),
    ...target.foreignKeys.filter(({ enforced }) => enforced),
    ...(keys ? target.keys : []),
  ];
  const names = new Set(
    rules.flatMap((rule) => (rule.columns.every((name) => filled.has(name)) ? rule.columns : [])),
  );
  return columns.flatMap(({ name }, at) => (names.has(name) ? [at] : []));
}

/**
 * Returns the rows with faults that can be found in advance, by their stage numbers, in file order.
 * @param rows binary COPY with the columns at `places` of the plan
 */
export async function siftRows(
  client: Client,
  { target, columns }: LoadPlan,
  places: readonly number[],
  rows: Uint8Array,
): Promise<RefusedRow[]> {
  const sifted = places.map((at) => columns[at]!);
  const plan = { target, columns: sifted, copied: sifted, lookups: [] };
  await createStage(client, plan);
  await fillStage(client, plan, rows);
  const { refused } = await setAside(client, plan);
  await clearStage(client, plan);
  return refused.sort((a, b) => a.row - b.row);
}
