/**
 * Brings back removed rows that reference each other, in a circle: PostgreSQL checks a foreign key at the end of each
 * statement, so none of them can return without the others. Rows of several owners cannot be written by one statement
 * (sql/undo/owners.ts): such a circle stays.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { literal } from '../target/literal.js';
import { OWNERS } from './owners.js';
import { type ForeignKey, isReferenced } from './references.js';
import { REFUSALS } from './refusals.js';
import { BACK } from './removedRows.js';

/** The refused rows that have all that they reference, in the table or among them: `entry`, and `owner` of the journal. */
export const CIRCLES = 'pg_temp.csvjobs_circles';

/** foreign_key_violation (PostgreSQL manual, appendix A). */
const FOREIGN_KEY_VIOLATION = '23503';

/**
 * Fills CIRCLES. Returns the owners of its rows.
 * @param rows of the table, as UndoTarget has them
 * @param keys the foreign keys that reference the table
 */
export async function findCircles(
  db: Db,
  rows: string,
  keys: readonly ForeignKey[],
): Promise<(string | null)[]> {
  const own = keys.filter(({ toItself, period }) => toItself && !period);
  if (own.length === 0) return [];
  const names = own.map(({ name }) => literal(name)).join(', ');
  await db.query(`drop table if exists ${CIRCLES}`);
  await db.query(
    `create temporary table csvjobs_circles on commit drop as
     select x.entry, o.job_id as owner from ${REFUSALS} x join ${BACK} w on w.csvjobs$entry = x.entry
       left join ${OWNERS} o on o.id = w.csvjobs$was
     where x.part = 'removed' and x.code = '${FOREIGN_KEY_VIOLATION}' and x.con in (${names})`,
  );
  for (let left = true; left; ) {
    left = false;
    for (const key of own) {
      const { rowCount } = await db.query(
        `delete from ${CIRCLES} c using ${BACK} w where ${lacks(rows, key)}`,
      );
      left ||= (rowCount ?? 0) > 0;
    }
  }
  const owners = await db.query<{ owner: string | null }>(
    `select distinct owner from ${CIRCLES} order by owner`,
  );
  return owners.rows.map(({ owner }) => owner);
}

/** Condition on `w`, the row of `c`: what it references is neither in the table nor among the rows of its owner. */
function lacks(rows: string, key: ForeignKey): string {
  const pairs = key.columns.map((column, at) => [
    quoteIdentifier(column),
    quoteIdentifier(key.referenced[at]!),
  ]);
  const same = (row: (name: string) => string) =>
    pairs.map(([column, referenced]) => `${row(referenced!)} = (w.csvjobs$row).${column}`).join(' and ');
  return `w.csvjobs$entry = c.entry and ${pairs.map(([column]) => `(w.csvjobs$row).${column} is not null`).join(' and ')}
    and not exists (select from ${rows} t where ${isReferenced(key)} and ${same((name) => `t.${name}`)})
    and not exists (select from ${CIRCLES} d join ${BACK} v on v.csvjobs$entry = d.entry
      where d.owner is not distinct from c.owner and ${same((name) => `(v.csvjobs$row).${name}`)})`;
}
