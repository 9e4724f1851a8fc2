/** Lists what a check of a file leaves to the database, as parts of a sentence. Lists only rules that the table has. */
import { listed, type Target, type TargetKey } from '@csvjobs/shared';
import type { PlanColumn, PlannedConflict } from '../../rows/rowPlan.js';
import { typeRuleOf } from '../../rows/typeRules.js';

/**
 * @param columns the columns that the file fills
 * @param keys the keys by which the file's records were not compared with each other
 * @param conflict given if rows are skipped or updated
 */
export function notJudged(
  target: Target,
  columns: readonly PlanColumn[],
  keys: readonly Pick<TargetKey, 'name'>[],
  conflict?: PlannedConflict,
): string[] {
  const { kind, checks, foreignKeys, exclusions, triggers, rules, rowSecurity, partitionKey } = target;
  const enforced = ({ enforced: is }: { enforced: boolean }) => is;
  const hasNoRule = ({ type }: PlanColumn) => typeRuleOf({ ...type, domain: null }) === undefined;
  const hasConditions = ({ type }: PlanColumn) => (type.domain?.checks.length ?? 0) > 0;
  const columnNames = (which: (column: PlanColumn) => boolean) =>
    columns
      .filter((column) => column.lookup === undefined && which(column))
      .map(({ column, type }) => `${column} ${type.sql}`);
  const fires = new Set(conflict?.onConflict === 'update' ? ['insert', 'update'] : ['insert']);
  const parts: [what: string, names: readonly string[]][] = [
    [conflict ? `which rows are ${effectOn(conflict)}` : '', conflict ? [conflict.key] : []],
    ['rows that are already in the table', namesOf(conflict ? otherKeys(target, conflict) : target.keys)],
    ['repeats within the file', namesOf(keys)],
    ['lookups', [...new Set(columns.flatMap(({ lookup }) => lookup ?? []))]],
    ['foreign keys', namesOf(foreignKeys.filter(enforced))],
    ['checks', namesOf(checks.filter(enforced))],
    ['exclusions', namesOf(exclusions)],
    ['triggers', namesOf(triggers.filter(({ events }) => events.some((event) => fires.has(event))))],
    ['rules', rules],
    ['types that only PostgreSQL reads', columnNames(hasNoRule)],
    ['conditions of domains', columnNames(hasConditions)],
    ['partitions', partitionKey === null ? [] : [partitionKey]],
  ];
  return [
    ...parts.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what} (${listed(names)})`])),
    ...(rowSecurity ? ['row security'] : []),
    ...(kind === 'view' ? ['the tables of the view'] : []),
    ...(kind === 'foreign table' ? ['the foreign server'] : []),
  ];
}

function effectOn({ onConflict, replaces, updateOnly }: PlannedConflict): string {
  if (onConflict === 'skip') return 'skipped';
  if (updateOnly) return 'updated, and which are rejected because the table has no row for them';
  return replaces ? 'updated and removed' : 'updated';
}

function otherKeys({ keys }: Target, { key }: PlannedConflict): TargetKey[] {
  return keys.filter(({ name }) => name !== key);
}

const namesOf = (named: readonly { name: string }[]) => named.map(({ name }) => name);
