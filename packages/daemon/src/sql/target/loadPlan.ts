/** What of a target a file fills, and the names that the statements of its load share. */
import { quoteIdentifier, quoteTableName, type Target, type TargetColumn } from '@csvjobs/shared';
import { Failure } from '../../failure.js';

export interface LoadPlan {
  target: Target;
  /** The columns that the file has, in the order of the stage's and of COPY's. */
  columns: readonly TargetColumn[];
}

/** The number of a staged row in its batch, from 1. No column of a target has this name: names of 64 bytes cannot be. */
export const ROW_NUMBER = 'csvjobs_row_number';

/**
 * @param names the columns that the file has; at least one, each once
 * @throws {Failure} `column_unknown`, `column_not_insertable`
 */
export function planLoad(target: Target, names: readonly string[]): LoadPlan {
  if (names.length === 0) throw new Failure('column_unknown', `the file has no column of ${tableOf(target)}`);
  const columns = names.map((name) => {
    const column = target.columns.find((each) => each.name === name);
    if (!column) throw new Failure('column_unknown', `${tableOf(target)} has no column ${name}`);
    if (!column.insertable) {
      throw new Failure('column_not_insertable', `the column ${name} of ${tableOf(target)} takes no values`);
    }
    return column;
  });
  return { target, columns };
}

/** Lists of columns for a statement: `"a", "b"`, or with a table before each: `s."a", s."b"`. */
export function columnList(columns: readonly { name: string }[], of?: string): string {
  return columns.map(({ name }) => (of === undefined ? '' : `${of}.`) + quoteIdentifier(name)).join(', ');
}

export function tableOf({ table }: Target): string {
  return quoteTableName(table);
}

/** Triggers that come before the insert may change what its constraints see: then nothing can be seen beforehand. */
export function changesRows({ triggers }: Target): boolean {
  return triggers.some(
    ({ timing, level, events }) => timing !== 'after' && level === 'row' && events.includes('insert'),
  );
}
