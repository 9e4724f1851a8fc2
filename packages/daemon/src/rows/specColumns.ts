/** What a spec says about each column of a target. Only this module resolves the names in a spec. */
import type { Alternative, Spec, SpecField, Target, TargetColumn } from '@csvjobs/shared';
import { changesRows, foldName, nearestColumn, OTHER_COLUMNS } from '@csvjobs/shared/reading';
import { keepsPointInTime } from './readings/fits.js';

type Block = NonNullable<Spec['csvjobs']>;

/** Everything that a spec says about one column. */
export interface SpecColumn {
  column: TargetColumn;
  /** Other names of the column in a header. */
  aliases: string[];
  /** Usual names for it; any other match is better. */
  known: readonly string[];
  field: SpecField | undefined;
  constant: string | undefined;
  combine: readonly string[] | undefined;
  lookup: NonNullable<Block['lookup']>[string] | undefined;
  firstOf: readonly Alternative[] | undefined;
  default: string | undefined;
  blanks: Extract<Block['blanks'], string> | undefined;
  /** Whether `blanks` is about this column alone. */
  hasOwnBlanks: boolean;
  trim: boolean;
  /** The zone of times without an offset. */
  timeZone: string | undefined;
  /** A trigger of the table may fill it before NOT NULL is checked. */
  mayBeFilled: boolean;
}

/** Whether the table and the spec allow NULL in a column, or allow it until an empty field gets its final value. */
export function isNullable({ column, field, blanks, mayBeFilled }: SpecColumn): boolean {
  if (field?.constraints?.required === true || blanks === 'reject') return false;
  if (blanks === 'keep' || (blanks === 'default' && hasDefault(column))) return true;
  return (mayBeFilled || !column.notNull) && !column.type.domain?.notNull;
}

/**
 * Whether the spec could use the table's DEFAULT for an empty field that is not allowed. An update writes it into rows that
 * exist, or looks for them by it, so it is not advised there.
 */
export function mayDefault({ column, field, blanks }: SpecColumn, spec: Spec | undefined): boolean {
  if (spec?.csvjobs?.mode === 'update' || field?.constraints?.required === true) return false;
  return blanks !== 'reject' && hasDefault(column);
}

function hasDefault({ default: value, identity }: TargetColumn): boolean {
  return value !== null || identity !== null;
}

/**
 * Resolves the names in a spec: a column's exact name, otherwise its name without case, spaces, accents and
 * punctuation, otherwise one of its aliases. A field of a Table Schema may have the name that the header uses.
 * @param faults gets a sentence for each name that means no column, or several
 * @param known the usual names of a column in a header
 */
export function specColumns(
  target: Target,
  spec: Spec | undefined,
  faults: string[],
  known: (column: string) => readonly string[],
): SpecColumn[] {
  const block = spec?.csvjobs ?? {};
  const { [OTHER_COLUMNS]: otherBlanks, ...ownBlanks } =
    typeof block.blanks === 'string' ? { [OTHER_COLUMNS]: block.blanks } : (block.blanks ?? {});
  const columns = target.columns.map(
    (column): SpecColumn => ({
      column,
      aliases: [],
      known: known(column.name),
      field: undefined,
      constant: undefined,
      combine: undefined,
      lookup: undefined,
      firstOf: undefined,
      default: undefined,
      blanks: otherBlanks,
      hasOwnBlanks: false,
      trim: block.trim === true,
      timeZone: typeof block.timeZone === 'string' ? block.timeZone : undefined,
      mayBeFilled: changesRows(target),
    }),
  );
  const find = (name: string, place: string) => findColumn(columns, name, place, faults);

  for (const [name, aliases] of Object.entries(block.aliases ?? {}))
    find(name, `csvjobs.aliases`)?.aliases.push(...aliases);
  for (const key of ['constant', 'combine', 'firstOf', 'lookup', 'default'] as const)
    for (const [name, value] of Object.entries(block[key] ?? {})) {
      const found = find(name, `csvjobs.${key}`);
      if (found) Object.assign(found, { [key]: value });
    }
  for (const [name, blanks] of Object.entries(ownBlanks)) {
    const found = find(name, 'csvjobs.blanks');
    if (!found) continue;
    if (found.hasOwnBlanks)
      faults.push(`csvjobs.blanks: the column ${found.column.name} is named twice; keep one`);
    if (found.default !== undefined && blanks === 'reject')
      faults.push(
        `csvjobs.blanks rejects an empty field of ${found.column.name}, and csvjobs.default fills it; keep one`,
      );
    Object.assign(found, { blanks, hasOwnBlanks: true });
  }
  if (Array.isArray(block.trim))
    for (const name of block.trim) {
      const found = find(name, 'csvjobs.trim');
      if (found) found.trim = true;
    }
  if (typeof block.timeZone === 'object')
    for (const [name, timeZone] of Object.entries(block.timeZone)) {
      const found = find(name, 'csvjobs.timeZone');
      if (found && !found.lookup && !keepsPointInTime(found.column.type))
        faults.push(
          `csvjobs.timeZone: ${found.column.name} is ${found.column.type.sql}, which keeps no time zone`,
        );
      else if (found) found.timeZone = timeZone;
    }
  for (const [at, field] of (spec?.schema?.fields ?? []).entries()) {
    const place = `schema.fields[${at}]`;
    const found = find(field.name, place);
    if (found?.field) faults.push(`${place}: the column ${found.column.name} is described twice; keep one`);
    else if (found) {
      found.field = field;
      if (field.name !== found.column.name) found.aliases.push(field.name);
    }
  }
  return columns;
}

function findColumn(
  columns: readonly SpecColumn[],
  name: string,
  place: string,
  faults: string[],
): SpecColumn | undefined {
  const folded = foldName(name);
  const candidates = [
    columns.filter(({ column }) => column.name === name),
    columns.filter(({ column }) => foldName(column.name) === folded),
    columns.filter(({ aliases }) => aliases.some((alias) => foldName(alias) === folded)),
  ].find((each) => each.length > 0);
  if (candidates?.length === 1) return candidates[0];
  if (candidates) {
    const names = candidates.map(({ column }) => column.name).join(' and ');
    faults.push(`${place}: "${name}" may be ${names}; write the column’s name to the letter`);
    return undefined;
  }
  const nearest = nearestColumn(
    name,
    columns.map(({ column, aliases }) => ({ name: column.name, aliases })),
  );
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  faults.push(`${place}: the table has no column "${name}"${hint}`);
  return undefined;
}
