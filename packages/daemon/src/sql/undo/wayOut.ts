/** What can be done by hand where an undo is refused. */
import { CUSTOMERS } from '@csvjobs/shared';
import type { EndedJob } from './endedJob.js';

/** Returns advice that loses no values: a row that a job has updated must not be deleted. */
export function byHand({ id, targetTable, did }: EndedJob): string {
  const load = `csvjobs upload <file> --into ${targetTable}`;
  const old = 'nothing was changed; to get the old values back, load the previous version of the file:';
  if (did.removed > 0) return `${old} ${load} --replace`;
  const remove = (condition: string) => `delete from ${targetTable} where ${condition}`;
  if (did.updated === 0) {
    const condition = targetTable === CUSTOMERS ? `job_id = '${id}'` : '<what tells its rows from others>';
    return `nothing was changed; to remove its rows by hand: ${remove(condition)}`;
  }
  const inserted = `; then remove the rows that it inserted: ${remove('<what tells them from others>')}`;
  return `${old} ${load} --on-conflict update${did.inserted > 0 ? inserted : ''}`;
}
