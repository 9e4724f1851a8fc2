/** Rows of `customers` say where they are from: which job has loaded them, and which record of its file each was. */
import type { TargetType } from '@csvjobs/shared';
import type { RowPlan } from '../../rows/rowPlan.js';
import type { TargetHeader } from '../header.js';

/** The columns that say so. An update of a row leaves them: they are those of the job that has inserted it. */
export const ORIGIN_COLUMNS = ['job_id', 'row_number'] as const;

const UUID: TargetType = {
  ...{ sql: 'uuid', base: 'uuid', kind: 'base', name: 'uuid', system: true, typmod: -1 },
  ...{ element: null, labels: null, domain: null },
};

/** The header of a file as its load has it: of customers, each row says its origin. */
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
