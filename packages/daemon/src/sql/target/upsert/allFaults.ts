/**
 * Finds all faults of rows that PostgreSQL refused one by one. PostgreSQL names only the first fault; rows that are
 * inserted together have all their faults checked in advance. Before an update that is not possible
 * (docs/decisions/0032-on-conflict.md). After its refusal the row is rejected in any case, and the other faults are
 * those of the row as the update would have made it.
 */
import { quoteIdentifier, type Target, type TargetReason } from '@csvjobs/shared';
import type { Client } from '../../pool.js';
import { attempt } from '../attempt.js';
import { literal } from '../literal.js';
import { ROW_NUMBER } from '../loadPlan.js';
import { faultyRows } from '../loadStaged.js';
import type { RefusedRow } from '../oneByOne.js';
import { fillDefaults, STAGE } from '../stage.js';
import { hasKey, stagedRows, tableAsT, type UpsertPlan } from './statements.js';

/** Must be called after all accepted rows are written, because it changes the stage. */
export async function nameAllFaults(
  client: Client,
  plan: UpsertPlan,
  refused: readonly RefusedRow[],
): Promise<RefusedRow[]> {
  const asked = refused.filter(({ reasons }) => isOfItsValues(reasons[0]!)).map(({ row }) => row);
  if (asked.length === 0 || hasOtherValues(plan.target)) return [...refused];
  const found = await attempt(client, () => faultsOf(client, plan, asked));
  if (!found) return [...refused];
  return refused.map(({ row, reasons }) => ({ row, reasons: joined(reasons, found.get(row) ?? []) }));
}

/**
 * Returns whether a reason is about values: a check or a foreign key is, a repeated key, a policy or a trigger is not.
 */
function isOfItsValues({ code, params }: TargetReason): boolean {
  if (code === 'refused') return ['23502', '23503', '23514'].includes(params.sqlstate);
  return code === 'required' || code === 'check_failed' || code === 'foreign_key_missing';
}

/** A row trigger that fires first may replace the file's values. */
function hasOtherValues({ triggers }: Target): boolean {
  return triggers.some(({ timing, level }) => timing !== 'after' && level === 'row');
}

async function faultsOf(
  client: Client,
  plan: UpsertPlan,
  rows: readonly number[],
): Promise<Map<number, TargetReason[]>> {
  const among = `= any (${literal(`{${rows.join()}}`)}::bigint[])`;
  const known = await fillKept(client, plan, among);
  const fresh = rows.filter((row) => !known.includes(row));
  await fillDefaults(
    client,
    plan,
    plan.conflict.kept,
    `s.${ROW_NUMBER} = any ('{${fresh.join()}}'::bigint[])`,
  );
  const same = await unchangedForeignKeys(client, plan, among);
  const faulty = await faultyRows(client, plan, `s.${ROW_NUMBER} ${among}`);
  const isAsked = (row: number, reason: TargetReason) =>
    reason.code !== 'foreign_key_missing' || !same.has(`${row} ${reason.params.constraint}`);
  return new Map(faulty.map(({ row, reasons }) => [row, reasons.filter((reason) => isAsked(row, reason))]));
}

/** Fills empty fields with the values that the table keeps. Returns the rows that the table has. */
async function fillKept(client: Client, plan: UpsertPlan, among: string): Promise<number[]> {
  const found = `${stagedRows(plan)} k join ${tableAsT(plan)} on ${hasKey(plan, 'k')} where k.csvjobs$row ${among}`;
  const { rows } = await client.query<{ row: number }>(`select k.csvjobs$row as row from ${found}`);
  for (const { column } of plan.conflict.kept) {
    const name = quoteIdentifier(column);
    const { base } = plan.columns.find((each) => each.name === column)!.type;
    await client.query(
      `update ${STAGE} s set ${name} = kept.value
       from (select k.csvjobs$row as row, t.${name}::${base} as value from ${found}) kept
       where s.${ROW_NUMBER} = kept.row and s.${name} is not distinct from null`,
    );
  }
  return rows.map(({ row }) => row);
}

/** Returns the foreign keys that an update leaves equal, which are not checked again, as `<row> <constraint>`. */
async function unchangedForeignKeys(client: Client, plan: UpsertPlan, among: string): Promise<Set<string>> {
  const { target, columns } = plan;
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const staged = target.foreignKeys.filter((key) => key.columns.every((name) => place(name) >= 0));
  if (staged.length === 0) return new Set();
  const looks = staged.map((key) => {
    const there = key.columns.map((name) => `t.${quoteIdentifier(name)}::${columns[place(name)]!.type.base}`);
    const wanted = key.columns.map((name) => `k.csvjobs$c${place(name)}`);
    return `select k.csvjobs$row || ' ' || ${literal(key.name)} as same
      from ${stagedRows(plan)} k join ${tableAsT(plan)} on ${hasKey(plan, 'k')}
      where k.csvjobs$row ${among} and not pg_catalog.record_image_ne(row(${there.join(', ')}), row(${wanted.join(', ')}))`;
  });
  const { rows } = await client.query<{ same: string }>(looks.join(' union all '));
  return new Set(rows.map(({ same }) => same));
}

/** Puts PostgreSQL's reason first, unless the reasons found contain it in other words. */
function joined(said: readonly TargetReason[], found: readonly TargetReason[]): TargetReason[] {
  const isNamed = (reason: TargetReason) => found.some((other) => isSame(reason, other));
  return [...said.filter((reason) => !isNamed(reason)), ...found];
}

function isSame(one: TargetReason, other: TargetReason): boolean {
  const constraint = constraintOf(one);
  if (constraint !== undefined) return constraint === constraintOf(other);
  return one.code === other.code && one.column === other.column;
}

function constraintOf({ params }: TargetReason): string | undefined {
  return ('constraint' in params ? params.constraint : undefined) ?? undefined;
}
