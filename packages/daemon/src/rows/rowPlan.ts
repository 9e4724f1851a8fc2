/** From a target, a spec and a header to how each row is made. */
import type { Spec, Target } from '@csvjobs/shared';
import { columnSources } from './columnSources.js';
import type { PlanColumn, RowPlan } from './planColumn.js';
import { type SpecColumn, specColumns } from './specColumns.js';
import { SpecMismatch } from './specMismatch.js';

export type { ColumnFrom, PlanColumn, RowPlan } from './planColumn.js';
export { SpecMismatch } from './specMismatch.js';

/**
 * Plans the rows of a file. Columns stand in the table's order, those with a constant after all others.
 * @throws {SpecMismatch} with all that keeps the file, the spec and the table from fitting together
 */
export function rowPlan(target: Target, spec: Spec | undefined, header: readonly string[]): RowPlan {
  const faults: string[] = [];
  const described = specColumns(target, spec, faults);
  const { byColumn, notices } = columnSources(target, described, header, faults);
  const columns = described.flatMap((each): PlanColumn[] => {
    const from = byColumn.get(each.column.name);
    if (!from) return [];
    return [
      {
        column: each.column.name,
        type: each.column.type,
        nullable: isNullable(each),
        from,
        reading: undefined,
        ...(each.default === undefined ? {} : { default: each.default }),
      },
    ];
  });
  if (faults.length > 0) throw new SpecMismatch(faults);
  const isConstant = ({ from }: PlanColumn) => from.kind === 'constant';
  return {
    columns: [...columns.filter((each) => !isConstant(each)), ...columns.filter(isConstant)],
    notices,
  };
}

function isNullable({ column, field, blanks }: SpecColumn): boolean {
  if (column.notNull || column.type.domain?.notNull) return false;
  return field?.constraints?.required !== true && blanks !== 'reject';
}
