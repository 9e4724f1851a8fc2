/**
 * Converts PostgreSQL's error for a row to a reason: one of ours if it is about a rule of the table, worded as if it had
 * been found in advance; otherwise PostgreSQL's own words.
 */
import { onlyColumn, quoteIfNeeded, type Target, type TargetReason } from '@csvjobs/shared';
import type { LoadPlan } from './loadPlan.js';

/** PostgreSQL's fields of an error (manual, section 54.8). Empty if an error does not have them. */
export interface RowError {
  /** SQLSTATE. */
  state: string;
  /** The constraint, and the column. */
  con: string;
  col: string;
  /** The table whose rule the row violates. */
  tab: string;
  /** It is the target, or a partition of it: not a table under a view, or one that a trigger writes. */
  own: boolean;
  says: string;
  /** The detail. */
  more: string;
  hint: string;
}

/** Returns the reason for which PostgreSQL refused a row. */
export function reasonOf({ target, conflict }: LoadPlan, error: RowError): TargetReason {
  // The lookup by this key found no row.
  if (target.rowSecurity && error.own && error.state === '23505' && error.con === conflict?.key.name)
    return refused(target, { ...error, says: HIDDEN, more: '', hint: '' });
  return ownReason(target, error) ?? refused(target, error);
}

const HIDDEN = 'another row has this key, and row security hides it from this database role';

/** Details of PostgreSQL: `Key (a, b)=(1, 2) already exists.`, `Partition key of the failing row contains (a) = (7).` */
const PARTS = /^[^(]*\((.*?)\) ?= ?\((.*)\)[^)]*$/s;

function ownReason(
  target: Target,
  { state, con, col, tab, own, says, more }: RowError,
): TargetReason | undefined {
  if (!own) return undefined;
  const { table, columns, checks, foreignKeys, keys } = target;
  const [, names, values] = PARTS.exec(more) ?? [];
  // A file cannot fill a column that is computed from others.
  if (state === '23502' && columns.some(({ name, generated }) => name === col && generated === null))
    return { code: 'required', column: col, params: {} };
  if (state === '23505') {
    const broken = keys.find(({ name }) => name === con);
    const blamed = columnNamed(broken && onlyColumn(broken));
    const key = values === undefined ? con : shownKey(names!, values);
    return { code: 'duplicate_in_table', ...blamed, params: { table: table.name, constraint: con, key } };
  }
  const check = state === '23514' ? checks.find(({ name }) => name === con) : undefined;
  if (check) {
    const { name: constraint, expression } = check;
    return { code: 'check_failed', ...columnNamed(check.columns[0]), params: { constraint, expression } };
  }
  const foreignKey = state === '23503' ? foreignKeys.find(({ name }) => name === con) : undefined;
  if (foreignKey && values !== undefined) {
    const { columns: named, references: to, referencedColumns } = foreignKey;
    const references = `${to.name}.${referencedColumns.join(', ')}`;
    return {
      code: 'foreign_key_missing',
      ...columnNamed(named[0]),
      params: { value: values, references, constraint: con },
    };
  }
  if (state === '23514' && con === '' && says.startsWith('no partition') && values !== undefined) {
    // The target, or a partition that has partitions itself.
    const column = columns.find(({ name }) => quoteIfNeeded(name) === names);
    return {
      code: 'partition_missing',
      ...columnNamed(column?.name),
      params: { table: tab, key: shownKey(names!, values) },
    };
  }
  return undefined;
}

/** `a=1`; `(a, b)=(1, 2)` for several, whose values may contain commas. */
function shownKey(names: string, values: string): string {
  return names.includes(',') ? `(${names})=(${values})` : `${names}=${values}`;
}

function refused(
  { kind, columns }: Target,
  { state, con, col, tab, own, says, more, hint }: RowError,
): TargetReason {
  // A table that a trigger writes may have a column of the same name.
  const isBlamed = (own || tab === '' || kind === 'view') && columns.some(({ name }) => name === col);
  const blamed = isBlamed ? col : tab === '' && col === '' ? onlyDomain(columns, state) : undefined;
  const params = {
    sqlstate: state,
    constraint: con === '' ? null : con,
    says: inFull(state, says, more),
    ...(hint !== '' && { hint }),
  };
  return { code: 'refused', ...columnNamed(blamed), params };
}

/** An error of a domain names no column: it is that of the only column whose domain has such a condition. */
function onlyDomain(columns: Target['columns'], state: string): string | undefined {
  const [only, another] = columns.filter(({ type: { domain } }) =>
    state === '23514' ? (domain?.checks.length ?? 0) > 0 : state === '23502' && domain?.notNull,
  );
  return another === undefined ? only?.name : undefined;
}

/**
 * Adds the detail, which has the values. For an exclusion, it says everything. A whole row would be too long, and the place
 * of a row means nothing.
 */
function inFull(state: string, says: string, more: string): string {
  const detail = more.replace(/\.+$/, '');
  if (detail === '' || /^(?:Failing row contains|Index row references tuple)/.test(detail)) return says;
  return state === '23P01' ? detail : `${says.replace(/\.+$/, '')}: ${detail}`;
}

function columnNamed(column: string | undefined): { column?: string } {
  return column ? { column } : {};
}
