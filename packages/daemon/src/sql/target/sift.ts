/**
 * Which rows of a batch PostgreSQL would refuse for themselves: found on a stage that has only the columns that decide it, so
 * that all other rows can go straight. It costs a fifth of a stage with all columns, from which each row has to be inserted once more.
 */
import type { Client } from '../pool.js';
import { changesRows, type LoadPlan } from './loadPlan.js';
import { setAside } from './loadStaged.js';
import type { RefusedRow } from './oneByOne.js';
import { clearStage, createStage, fillStage } from './stage.js';

/**
 * The columns by which rows may be refused, as places in the plan: those of checks and foreign keys, and where `keys`, of keys.
 * Empty where nothing can be seen beforehand.
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
 * The rows with a fault that can be seen beforehand, by their numbers on the stage, in the order of the file.
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
