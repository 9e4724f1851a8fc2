/** What can be done by hand where an undo is refused. */
import { CUSTOMERS, shellWord } from '@csvjobs/shared';
import type { EndedJob } from './endedJob.js';

/** Returns advice that loses no values: a row that a job has updated must not be deleted. */
export function byHand({ id, targetTable, did, spec }: EndedJob): string {
  const load = `csvjobs upload <file> --into ${shellWord(targetTable)}`;
  const old = 'nothing was changed; to get the old values back, load the previous version of the file:';
  if (did.removed > 0) return `${old} ${load} --replace; it also removes rows that others have added since`;
  const remove = (condition: string) => `delete from ${targetTable} where ${condition}`;
  if (did.updated === 0)
    return targetTable === CUSTOMERS
      ? `nothing was changed; to remove its rows by hand, also those that others have updated since: ${remove(`job_id = '${id}'`)}`
      : `nothing was changed; to remove its rows by hand: ${remove('<what tells its rows from others>')}`;
  const key = spec.key ? ` --key ${shellWord(spec.key.join(','))}` : '';
  const only = spec.updateOnly ? ' --update-only' : '';
  const inserted = `; then remove the rows that it inserted: ${remove('<what tells them from others>')}`;
  return `${old} ${load} --on-conflict update${only}${key} --blanks null${did.inserted > 0 ? inserted : ''}`;
}
