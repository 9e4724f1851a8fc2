/** A sample of the rows that a replacement will remove, to show to people. */
import { FIRST_ROWS, type ShownRow, type Target } from '@csvjobs/shared';
import { MOST_BYTES, named, texts, within } from '../../firstRows.js';
import type { Client } from '../../pool.js';
import { itself } from '../loadPlan.js';
import { STALE } from './staleRows.js';

/** Returns the first of them in table order: at most FIRST_ROWS, and no more than fit into a response. */
export async function firstRemoved(client: Client, target: Target): Promise<ShownRow[]> {
  const columns = target.columns.map(({ name }) => name);
  const { rows } = await client.query<(string | null)[]>({
    text: `select ${texts('t', columns).join(', ')}
      from (select * from ${STALE} order by n limit ${FIRST_ROWS}) s
        join ${itself(target)} t on t.tableoid = s.rel and t.ctid = s.tid order by s.n`,
    rowMode: 'array',
  });
  return within(
    rows.map((row) => named(columns, row)),
    MOST_BYTES,
  );
}
