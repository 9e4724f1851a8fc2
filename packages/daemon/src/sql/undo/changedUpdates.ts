/** Yields rows that a job has updated and others have changed since, as they are now, by the keys in the journal. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { ENTRIES, ENTRY, isAfter, keyColumns } from './journal.js';
import type { UndoTarget } from './target.js';
import { FIRST_ROWS, PART_BYTES, rowsAfter } from './textBytes.js';

const AS_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * Yields each row once: only the first entry of a row has a version that the job had not written itself. Yields
 * nothing if the columns of the table have changed since the journal was written.
 * @param ids the job's ids as `xmin` has them, as a multirange
 * @param content SQL for what to read of a row `t`
 * @param size SQL for its bytes
 */
export async function* changedUpdates(
  db: Db,
  { jobId, table, rows, hasColumns, updated }: UndoTarget,
  { ids, content, size }: { ids: string; content: string; size: string },
): AsyncGenerator<(string | null)[][], void> {
  if (updated === 0 || !hasColumns) return;
  const key = (await keyColumns(db, jobId, false)).map(quoteIdentifier);
  if (key.length === 0) return;
  const same = key.map((name) => `t.${name} = (j.whole).${name}`).join(' and ');
  // Unchanged rows are not joined, so that their values are not read for nothing.
  const statement = `
    with found as materialized (
      select * from (
        select j.entry, t.tableoid as rel, t.ctid as tid,
          sum(${size}) over (order by j.entry rows unbounded preceding) - (${size}) as before
        from (select ${ENTRY} as entry, e.before::${table} as whole from ${ENTRIES}
              where j.job_id = $1 and not j.removed and ${isAfter('$3::bigint')} and not $2::int8multirange @> e.was
              order by j.entry, e.place limit $4) j
          left join ${rows} t on ${same} and not $2::int8multirange @> t.xmin::text::bigint
      ) sized where before < ${PART_BYTES})
    select found.entry, found.tid is not null, ${content}
    from found left join ${table} t on t.tableoid = found.rel and t.ctid = found.tid
    order by found.entry`;
  let limit = FIRST_ROWS;
  for (let last: string | null | undefined = '0'; last; ) {
    const { rows: read }: { rows: (string | null)[][] } = await db.query<(string | null)[]>({
      text: statement,
      values: [jobId, ids, last, limit],
      rowMode: 'array',
      types: AS_TEXT,
    });
    const changed = read.filter(([, isChanged]) => isChanged === 't').map(([, , ...values]) => values);
    if (changed.length > 0) yield changed;
    last = read.at(-1)?.[0];
    limit = rowsAfter(read.length);
  }
}
