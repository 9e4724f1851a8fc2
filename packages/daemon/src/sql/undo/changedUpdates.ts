/** Rows that a job has updated and others have changed since, as they are now: the journal has the keys by which they are found. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import type { UndoTarget } from './target.js';

/** Entries that one statement goes over. */
const ENTRIES = 1_000;

const AS_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * Each once: the first entry of a row is the one whose row the job had not written itself. None where the table has other columns now than
 * when they were kept.
 * @param ids those of the job that `xmin` may have, as a multirange
 * @param columns of the table
 * @param content what is read of a row `t`, as SQL
 */
export async function* changedUpdates(
  db: Db,
  { jobId, table, columns: kept, updated }: UndoTarget,
  { ids, columns, content }: { ids: string; columns: readonly string[]; content: string },
): AsyncGenerator<(string | null)[][], void> {
  if (updated === 0 || kept?.map(({ name }) => name).join('\0') !== columns.join('\0')) return;
  const { rows } = await db.query<{ key_columns: string[] }>(
    'select key_columns from job_journal where job_id = $1 and not removed order by entry limit 1',
    [jobId],
  );
  const key = rows[0]?.key_columns.map(quoteIdentifier) ?? [];
  if (key.length === 0) return;
  const same = key.map((name) => `t.${name} = (j.whole).${name}`).join(' and ');
  const statement = `
    select j.entry::text, t.xmin is not null and not $2::int8multirange @> t.xmin::text::bigint, ${content}
    from (select entry, before::${table} as whole from job_journal
          where job_id = $1 and not removed and entry > $3::bigint and not $2::int8multirange @> was
          order by entry limit ${ENTRIES}) j
      left join ${table} t on ${same}
    order by j.entry`;
  for (let last: string | null | undefined = '0'; last; ) {
    const { rows: read }: { rows: (string | null)[][] } = await db.query<(string | null)[]>({
      text: statement,
      values: [jobId, ids, last],
      rowMode: 'array',
      types: AS_TEXT,
    });
    const changed = read.filter(([, isChanged]) => isChanged === 't').map(([, , ...values]) => values);
    if (changed.length > 0) yield changed;
    last = read.at(-1)?.[0];
  }
}
