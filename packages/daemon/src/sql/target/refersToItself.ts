/** Foreign keys of a table to itself: a row may depend on another row of the same file. */
import type { Target } from '@csvjobs/shared';

/** Whether a foreign key of a table references the table itself. */
export function refersToItself({ foreignKeys, table }: Pick<Target, 'foreignKeys' | 'table'>): boolean {
  return foreignKeys.some(
    ({ references }) => references.schema === table.schema && references.name === table.name,
  );
}
