/** Compares the types of natural keys with those by which the reading thread reads them. */
import { writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { RowPlan } from '../../rows/rowPlan.js';
import type { Lookup } from '../../sql/target/loadPlan.js';

/** @throws {Failure} `target_changed` if a table in which values are looked up has changed since the plan was made */
export function assertSameKeys({ columns }: Pick<RowPlan, 'columns'>, lookups: readonly Lookup[]): void {
  for (const { table, by, column } of lookups)
    for (const part of by) {
      const form = columns.find((each) => each.column === part.input)?.reading?.form;
      if (form?.kind === 'keyValue' && form.type.base !== part.type)
        throw new Failure(
          'target_changed',
          `${writeTableName(table)}, in which ${column} is looked up, was changed while the file was read: ${part.column} is now ${part.type}; retry the job`,
        );
    }
}
