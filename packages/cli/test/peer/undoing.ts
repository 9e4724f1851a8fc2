/** Undo and loaded rows as a daemon answers them. */
import type { ServerResponse } from 'node:http';
import type { Job, UndoResult } from '@csvjobs/shared';

/** The undo result of a job with 8 rows that cannot be removed. */
export function undoResultOf({ id, successCount }: Job, dryRun: boolean): UndoResult {
  return {
    ...{ jobId: id, dryRun, inserted: successCount, updated: 0, restored: 0, kept: 0 },
    ...{ removed: Math.max(0, successCount - 8), referenced: 2, refused: 1, changed: 1, missing: 4 },
    references: [{ constraint: 'orders_fkey', table: 'sales.orders', rows: 2, example: 'id = 17' }],
    refusals: [
      {
        ...{ sqlstate: '23514', constraint: 'price_check', rows: 1, example: 'id = 18' },
        message: 'new row for relation "t" violates check constraint "price_check"',
      },
    ],
    changedBy: [{ jobId: '22222222-2222-4333-8444-555555555555', rows: 1 }],
    children: ['11111111-2222-4333-8444-555555555555'],
  };
}

/**
 * Three rows, one of which has a line end in a value.
 * @param marked from the query: each row has its job, and whether it changed since
 */
export function answerRows(format: string, marked: string | undefined, response: ServerResponse): void {
  const type =
    format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8';
  response.writeHead(200, {
    'content-type': type,
    'content-disposition': `attachment; filename="customers-rows.${format}"`,
    'csvjobs-loaded-rows': '5',
  });
  if (marked)
    return void response.end(
      'csvjobs_job_id,csvjobs_state,id,a\nx,loaded,1,x\nx,changed,2,"a\nb"\nx,loaded,3,\n',
    );
  response.end(
    format === 'csv'
      ? 'id,a\n1,x\n2,"a\nb"\n3,\n'
      : '{"id":1,"a":"x"}\n{"id":2,"a":"a\\nb"}\n{"id":3,"a":null}\n',
  );
}
