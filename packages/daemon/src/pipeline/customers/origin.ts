/** Rows of `customers` contain their origin: the job that loaded them, and the number of their record in its file. */
import type { TargetType } from '@csvjobs/shared';
import type { RowPlan } from '../../rows/rowPlan.js';
import type { TargetHeader } from '../header.js';

/** The columns that hold the origin. Updates of a row leave them unchanged: they belong to the job that inserted it. */
export const ORIGIN_COLUMNS = ['job_id', 'row_number'] as const;

const UUID: TargetType = {
  ...{ sql: 'uuid', base: 'uuid', kind: 'base', name: 'uuid', system: true, typmod: -1 },
  ...{ element: null, labels: null, domain: null },
};

/** Returns the header of a file as its load uses it: for customers, each row gets its origin. */
export function withOrigin(header: TargetHeader, jobId: string): TargetHeader {
  const { plan, customers } = header;
  return customers ? { ...header, plan: planWithOrigin(plan, jobId) } : header;
}

function planWithOrigin(plan: RowPlan, jobId: string): RowPlan {
  const [job, numbered] = ORIGIN_COLUMNS;
  const { conflict } = plan;
  const origin = { column: job, type: UUID, nullable: true, reading: undefined };
  return {
    ...plan,
    columns: [...plan.columns, { ...origin, from: { kind: 'constant', text: jobId } }],
    numbered,
    ...(conflict && {
      conflict: { ...conflict, newRowsOnly: [...conflict.newRowsOnly, ...ORIGIN_COLUMNS] },
    }),
  };
}
