/** What can be done by hand where an undo is refused. */
import { CUSTOMERS, listed } from '@csvjobs/shared';
import type { EndedJob } from './endedJob.js';

/** Returns advice that loses no values: a row that a job has updated must not be deleted. */
export function byHand({ id, targetTable, did, replaced, held, filled }: EndedJob): string {
  const load = `nothing was changed; to get the old values back, load the previous version of the file: csvjobs upload <file> --like ${id}`;
  const again = [
    filled.length > 0 &&
      `; --default and --constant of the job apply again, so ${listed(filled)} may get other values`,
    held && '; the new job is held too, until you accept it',
  ]
    .filter(Boolean)
    .join('');
  if (replaced)
    return `${load}${again}; it also removes rows that others have added since, and without a terminal it needs --yes`;
  const remove = (condition: string) => `delete from ${targetTable} where ${condition}`;
  if (did.updated === 0)
    return targetTable === CUSTOMERS
      ? `nothing was changed; to remove its rows by hand, also those that others have updated since: ${remove(`job_id = '${id}'`)}`
      : `nothing was changed; to remove its rows by hand: ${remove('<what tells its rows from others>')}`;
  const inserted = `; then remove the rows that it inserted: ${remove('<what tells them from others>')}`;
  return `${load} --blanks null${again}${did.inserted > 0 ? inserted : ''}`;
}
