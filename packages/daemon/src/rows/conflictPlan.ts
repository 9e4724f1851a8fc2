/**
 * Chooses the unique key that finds the rows of a table that a file skips or updates. The table must have this key:
 * only then can no two rows have the same key, no matter what other sessions do in the meantime.
 */
import type { Spec, Target, TargetKey } from '@csvjobs/shared';
import {
  findingKeys,
  fittingKeys,
  foldName,
  isComputed,
  keyMeant,
  listed,
  partColumns,
  quoteIdentifier,
  whyUnusable,
  writeTableName,
} from '@csvjobs/shared/reading';
import { lacksUndoKey, partialKeyFaults } from './partialKeys.js';
import type { ColumnFrom, PlannedConflict } from './planColumn.js';
import type { SpecColumn } from './specColumns.js';
import { whyComputed } from './unfilled.js';

/** What a plan knows of the file and the spec when it chooses a key. */
export interface KeyChoice {
  spec: Spec | undefined;
  byColumn: ReadonlyMap<string, ColumnFrom>;
  /** The names of the file's fields. */
  header: readonly string[];
}

/**
 * Plans what happens to records whose key is already in the table. Returns undefined if they are rejected, or if there
 * is a fault. If a file without the table's keys replaces the table, there are no such records: all rows are removed
 * before the first record.
 * @param faults gets a sentence if no key fits, or more than one
 */
export function conflictPlan(
  target: Target,
  columns: readonly SpecColumn[],
  choice: KeyChoice,
  faults: string[],
): PlannedConflict | undefined {
  const { spec, byColumn } = choice;
  const { mode = 'reject', key: named, updateOnly = false, replace = false } = spec?.csvjobs ?? {};
  const filled = (name: string) => byColumn.has(name);
  if (mode === 'reject' && (!replace || (!named && fitting(target, choice).length === 0))) return undefined;
  const key = named ? keyNamed(target, named, choice, faults) : onlyKey(target, choice, faults);
  if (!key) return undefined;
  for (const { column } of columns)
    if (updateOnly && filled(column.name) && isComputed(column) && !partColumns(key).includes(column.name))
      faults.push(
        `${whyComputed(target, column)}, so an update cannot set it; name the key that finds the rows: --key ${partColumns(key).join(',')}`,
      );
  // A default without a field is the value of new rows; it must not replace the value of an existing row.
  const newRowsOnly = columns
    .filter(
      ({ column, constant }) => byColumn.get(column.name)?.kind === 'constant' && constant === undefined,
    )
    .map(({ column }) => column.name);
  const onConflict = mode === 'skip' ? mode : 'update';
  faults.push(...partialKeyFaults(target, key, columns, { byColumn, onConflict, newRowsOnly }));
  return { onConflict, updateOnly, key: key.name, newRowsOnly, ...(replace && { replaces: true }) };
}

/**
 * Returns options of the command line with which a key can be used: its name, if there are several and the user has named
 * none, or `--update-only`.
 */
export function keyOptions(target: Target, choice: KeyChoice): string[] | undefined {
  const { mode } = choice.spec?.csvjobs ?? {};
  if (computedKey(target, choice)) return mode === 'update' ? ['--update-only'] : undefined;
  const [first, second] = fitting(target, choice);
  return first && second ? ['--key', nameOf(target, first)] : undefined;
}

/** The keys by which the file can find rows in its mode. */
function fitting(target: Target, { spec, byColumn }: KeyChoice): TargetKey[] {
  return fittingKeys(target, (name) => byColumn.has(name), spec?.csvjobs?.replace);
}

/** The value of `--key` that means a key: its columns or, if another key has the same, its name. */
function nameOf(target: Target, key: TargetKey): string {
  const columns = partColumns(key);
  return keyMeant(target, columns) === key ? columns.join(',') : key.name;
}

function onlyKey(target: Target, choice: KeyChoice, faults: string[]): TargetKey | undefined {
  const keys = fitting(target, choice);
  if (keys.length === 1) return keys[0];
  const table = writeTableName(target.table);
  const why = computedKey(target, choice) ?? `${whyNoKey(target, choice)}; ${thereAre(target, choice)}`;
  faults.push(
    keys.length > 1
      ? `the file has the columns of ${keys.length} unique keys of ${table}: ${shownKeys(keys)}; choose one with --key ${nameOf(target, keys[0]!)}`
      : `the rows of ${table} cannot be matched by a unique key${why}`,
  );
  return undefined;
}

function keyNamed(
  target: Target,
  names: readonly string[],
  choice: KeyChoice,
  faults: string[],
): TargetKey | undefined {
  const key = keyMeant(target, names);
  const place = `csvjobs.key: ${names.join(', ')}`;
  if (!key) {
    const list = names.length === 1 ? names[0]!.split(',').map((name) => name.trim()) : [];
    if (list.length > 1 && keyMeant(target, list)) {
      faults.push(`${place} is one name; write several columns as a list: [${list.join(', ')}]`);
      return undefined;
    }
    faults.push(`${place} is no unique key of ${writeTableName(target.table)}; ${thereAre(target, choice)}`);
    return undefined;
  }
  const why = whyUnusable(key, choice.spec?.csvjobs?.replace);
  const lacking = partColumns(key).filter((name) => !choice.byColumn.has(name));
  const computed = computedKey(target, choice);
  if (why !== undefined)
    faults.push(`${place} cannot be used: ${key.name} ${why}; ${thereAre(target, choice)}`);
  else if (lacking.length === 0) return key;
  else if (computed !== undefined) faults.push(`${place} cannot be used${computed}`);
  else faults.push(`${place}: the file has no field for ${listed(lacking)}; ${thereAre(target, choice)}`);
  return undefined;
}

/**
 * Returns why an update cannot find rows by a key of which the table sets columns itself, although the file has them, and what
 * to do. Starts with a punctuation mark. Undefined if there is no such key, or another key fits.
 */
function computedKey(target: Target, choice: KeyChoice): string | undefined {
  const { spec, byColumn, header } = choice;
  const { mode, key: named, updateOnly = false } = spec?.csvjobs ?? {};
  if (mode === 'reject' || updateOnly) return undefined;
  if (!named && fitting(target, choice).length > 0) return undefined;
  const names = new Set(header.map(foldName));
  for (const key of findingKeys(target, named)) {
    if (whyUnusable(key) !== undefined) continue;
    const own = partColumns(key);
    const lacking = target.columns.filter(({ name }) => own.includes(name) && !byColumn.has(name));
    const [first] = lacking;
    if (first && lacking.every((column) => isComputed(column) && names.has(foldName(column.name))))
      return `: ${whyComputed(target, first)}, so a file cannot set it in new rows; ${mode === 'update' ? 'add --update-only' : 'use --on-conflict update --update-only'} to update the rows that the table has, and to insert none`;
  }
  return undefined;
}

/** Whether the table lacks the named key, or any key without a name, whatever fields the file has. */
export function lacksUsableKey(target: Target, spec: Spec | undefined): boolean {
  const { mode, key: names, replace } = spec?.csvjobs ?? {};
  const isUnusable = (key: TargetKey) =>
    whyUnusable(key, replace) !== undefined || (mode === 'update' && lacksUndoKey(target, key));
  if (!names) return target.keys.every(isUnusable);
  const key = keyMeant(target, names);
  return key === undefined || isUnusable(key);
}

/**
 * Returns why no key can be used: of each whose columns the file has, what is wrong with it and what to do. Starts with a
 * punctuation mark.
 */
export function whyNoKey(target: Target, { spec, byColumn }: KeyChoice): string {
  const table = writeTableName(target.table);
  const passedOver = target.keys.flatMap((key) => {
    const columns = partColumns(key);
    const why = whyUnusable(key, spec?.csvjobs?.replace);
    if (why === undefined || columns.length === 0 || !columns.every((name) => byColumn.has(name))) return [];
    const advice = key.deferrable
      ? `use one that is not: alter table ${table} drop constraint ${quoteIdentifier(key.name)}, add unique (${columns.map(quoteIdentifier).join(', ')})`
      : 'use a unique constraint or index over all rows';
    return [`; ${shownKeys([key])} ${why}: ${advice}`];
  });
  return passedOver.join('') || ': the file does not have all columns of one';
}

/** What to do for a table without a suitable key. Only tables can have one. */
const NO_KEY: Record<Target['kind'], string> = {
  table: 'it has no suitable key: add a unique constraint to the table',
  'partitioned table': 'it has no suitable key: add a unique constraint to the table',
  view: 'a view has no keys: load into its table',
  'foreign table': 'a foreign table has no keys: load into the table on its server',
};

function thereAre(target: Target, { spec }: KeyChoice): string {
  const usable = target.keys.filter((key) => whyUnusable(key, spec?.csvjobs?.replace) === undefined);
  if (usable.length > 0) return `its unique keys: ${shownKeys(usable)}`;
  return `${NO_KEY[target.kind]}, or load new rows with --on-conflict reject`;
}

function shownKeys(keys: readonly TargetKey[]): string {
  return listed(keys.map((key) => `${partColumns(key).join(',')} (${key.name})`));
}
