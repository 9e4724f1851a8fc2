/**
 * If other rows reference any stale row, none is removed. PostgreSQL would refuse, or remove or change rows of other
 * tables too (`on delete cascade`, `set null`), which the file does not ask for.
 */
import { isOrAre, quoteIdentifier, type Target, withNoun, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../../failure.js';
import type { Client } from '../../pool.js';
import { equal, type ForeignKey, foreignKeysTo, isReferenced } from '../../undo/references.js';
import { literal } from '../literal.js';
import { itself, tableOf } from '../loadPlan.js';
import { STALE } from './staleRows.js';

/**
 * Locks the rows first, so that no new reference to them can appear.
 * @throws {Failure} `rows_referenced`; also if the role cannot see the references and PostgreSQL would not refuse
 */
export async function mustNotBeReferenced(
  client: Client,
  target: Target,
  keys: readonly ForeignKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const stale = `${STALE} s join ${itself(target)} t on t.tableoid = s.rel and t.ctid = s.tid`;
  await client.query(`select count(*) from (select from ${stale} for update of t) locked`);
  const name = writeTableName(target.table);
  for (const key of keys) {
    if (!key.readable) {
      if (!key.changesOthers) continue;
      const role = await client.query<{ name: string }>('select current_user::text as name');
      throw refused(
        `this database role may not see all rows of ${key.table}, which would go or change with those of ${name} that they reference (${key.name})`,
        `Its owner can grant it: grant select on ${key.table} to ${quoteIdentifier(role.rows[0]!.name)}`,
      );
    }
    const staysBehind = key.toItself
      ? `and not exists (select from ${STALE} other where other.rel = r.tableoid and other.tid = r.ctid)`
      : '';
    const shown = key.referenced.map(
      (column) => `${literal(`${column} = `)} || t.${quoteIdentifier(column)}::text`,
    );
    const { rows } = await client.query<{ rows: number; example: string | null }>(
      `select count(*) as rows, min(left(concat_ws(', ', ${shown.join(', ')}), 200)) as example from ${stale}
       where ${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)} ${staysBehind})`,
    );
    const { rows: count, example } = rows[0]!;
    if (count > 0)
      throw refused(
        `${withNoun(count, 'row')} of ${name} that ${isOrAre(count)} not in the file ${isOrAre(count)} referenced by ${key.table} (${key.name}), such as ${example}`,
        'Remove what references them first, or keep them in the file',
      );
  }
}

/** Number of passes after which the rest of a long chain of references is left for the end, too. */
const PASSES = 100;

/**
 * Takes rows off the list that remaining rows of the table itself still reference: the file may give those another
 * reference. Returns how many are left.
 */
export async function leaveReferenced(client: Client, target: Target): Promise<number> {
  const { rows: found } = await client.query<{ oid: number }>('select $1::regclass::oid::bigint as oid', [
    tableOf(target),
  ]);
  const keys = (await foreignKeysTo(client, found[0]!.oid)).filter(({ toItself }) => toItself);
  for (let pass = 1, taken = 1; taken > 0 && keys.length > 0; pass++) {
    taken = 0;
    for (const key of keys) {
      const { rowCount } = await client.query(
        pass > PASSES
          ? `delete from ${STALE}`
          : `delete from ${STALE} s using ${itself(target)} t where t.tableoid = s.rel and t.ctid = s.tid
               and ${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)} and not exists (
                 select from ${STALE} other where other.rel = r.tableoid and other.tid = r.ctid))`,
      );
      taken += rowCount ?? 0;
    }
  }
  const { rows } = await client.query<{ left: number }>(`select count(*) as left from ${STALE}`);
  return rows[0]!.left;
}

function refused(why: string, next: string): Failure {
  return new Failure('rows_referenced', `${why}; nothing was changed. ${next}`);
}
