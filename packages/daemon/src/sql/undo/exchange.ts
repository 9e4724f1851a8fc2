/**
 * Restores updated rows that hold each other's values of a unique key, in a circle: no row can be restored before
 * another. So all current rows are removed, and then the old ones are inserted. That is done only where it has the same
 * effect as an update: not if other rows reference them, and not if the table has triggers or rules of its own.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { attempt, isRefusal, notTheRow } from '../target/attempt.js';
import { doBlock } from '../target/doBlock.js';
import { IDS } from './jobIds.js';
import { markRestored, OWNERS } from './owners.js';
import { equal, type ForeignKey, isReferenced } from './references.js';
import { REFUSALS } from './refusals.js';
import type { UndoTarget } from './target.js';
import { partsOf } from './transactionIds.js';
import { WAS } from './updatedRows.js';

/**
 * The rows to exchange: `place` in the reverse order of the job, `entry` and `owner` of the journal, and the current
 * row: `rel`, `tid`, and `present`, all of it.
 */
const EXCHANGED = 'pg_temp.csvjobs_exchanged';
/** Places of rows that cannot be restored even so. */
const STUCK = 'pg_temp.csvjobs_stuck';

/** unique_violation, exclusion_violation (PostgreSQL manual, appendix A). */
const CONFLICTS = ['23505', '23P01'];

/** Rows that one statement inserts, so that PostgreSQL responds within DB_TIMEOUT. */
const SLICE = 100_000;

/**
 * Exchanges as many of the refused rows as possible, and removes them from REFUSALS. A row that cannot be restored stays,
 * and so does one that needs its values. In the reverse order of the job, a row comes after the one that blocks it, except
 * once in a circle, so few rounds find all of them.
 * @param keys the foreign keys that reference the table
 */
export async function exchangeRefused(
  db: Db,
  target: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<void> {
  const { rowCount } = await db.query(
    `select from ${REFUSALS} where part = 'updated' and code = any ($1) limit 1`,
    [CONFLICTS],
  );
  if (rowCount === 0 || !(await isReplaceable(db, target))) return;
  await lockRefused(db, target);
  for (const key of keys)
    await db.query(
      `delete from ${EXCHANGED} e using ${target.table} t where t.tableoid = e.rel and t.ctid = e.tid
         and ${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)})`,
    );
  for (;;) {
    const stuck = await exchange(db, target);
    if (stuck === null) return;
    if (stuck.length === 0) break;
    await db.query(`delete from ${EXCHANGED} where place = any ($1)`, [stuck]);
  }
  await db.query(
    `delete from ${REFUSALS} x using ${EXCHANGED} e where x.part = 'updated' and x.entry = e.entry`,
  );
}

/** Returns whether a removed and inserted row is the same to the table as an updated one. */
async function isReplaceable(db: Db, { relation }: UndoTarget): Promise<boolean> {
  const { rows } = await db.query<{ replaceable: boolean }>(
    `select not exists (select from pg_trigger t where t.tgrelid in (select relid from ${partsOf('$1::oid::regclass')})
           and not t.tgisinternal and t.tgenabled in ('O', 'A'))
       and not exists (select from pg_rewrite where ev_class = $1::oid)
       and (relkind = 'p' or not exists (select from pg_inherits where inhparent = $1::oid)) as replaceable
     from pg_class where oid = $1::oid`,
    [relation],
  );
  return rows[0]!.replaceable;
}

async function lockRefused(db: Db, { table }: UndoTarget): Promise<void> {
  await db.query(`drop table if exists ${EXCHANGED}, ${STUCK}`);
  await db.query('create temporary table csvjobs_stuck (place bigint) on commit drop');
  await db.query(
    `create temporary table csvjobs_exchanged on commit drop as
     select row_number() over (order by entry desc) as place, locked.* from (
       select w.csvjobs$entry as entry, o.job_id as owner, t.tableoid as rel, t.ctid as tid, (t.*)::${table} as present
       from ${REFUSALS} x join ${WAS} w on w.csvjobs$entry = x.entry left join ${OWNERS} o on o.id = w.csvjobs$was
         join ${table} t on t.tableoid = x.rel and t.ctid = x.tid
       where x.part = 'updated' and x.code = any ('{${CONFLICTS.join(',')}}') and t.xmin in (select id from ${IDS})
       for update of t) locked`,
  );
  await db.query(`create unique index on ${EXCHANGED} (place)`);
  await db.query(`analyze ${EXCHANGED}`);
}

/** Returns the places of rows that cannot be restored, in which case nothing is changed; null if PostgreSQL refuses all. */
async function exchange(db: Db, target: UndoTarget): Promise<number[] | null> {
  const { rows } = await db.query<{ n: number; last: number }>(
    `select count(*) as n, max(place) as last from ${EXCHANGED}`,
  );
  const { n, last } = rows[0]!;
  if (n === 0) return null;
  const insert = await insertLoop(db, target);
  let stuck: number[] | null = null;
  await attempt(
    db,
    async () => {
      const removed = await db.query(
        `delete from ${target.table} t using ${EXCHANGED} e where t.tableoid = e.rel and t.ctid = e.tid`,
      );
      if (removed.rowCount !== n) throw new Stuck();
      for (let first = 1; first <= last; first += SLICE) await db.query(insert(first, first + SLICE - 1));
      const { rows: found } = await db.query<{ place: number }>(`select place from ${STUCK}`);
      stuck = found.map(({ place }) => place);
      if (found.length > 0) throw new Stuck();
      return {};
    },
    (error) => error instanceof Stuck || isRefusal(error),
  );
  return stuck;
}

/** Rolls back an exchange. */
class Stuck extends Error {}

/** A row that cannot be restored is inserted as it was, so that those that need its values are found at once. */
async function insertLoop(
  db: Db,
  { table, relation, columns }: UndoTarget,
): Promise<(first: number, last: number) => string> {
  const { rows } = await db.query<{ name: string; always: boolean }>(
    `select attname::text as name, attidentity = 'a' as always from pg_attribute
     where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = ''`,
    [relation],
  );
  const kept = new Set(columns!.map(({ name }) => name));
  const present = rows.map(({ name }) => `(e.present).${quoteIdentifier(name)}`);
  const old = rows.map(({ name, always }, at) =>
    kept.has(name) && !always ? `w.${quoteIdentifier(name)}` : present[at]!,
  );
  const into = rows.map(({ name }) => quoteIdentifier(name)).join(', ');
  const insert = (values: readonly string[]) =>
    `insert into ${table} (${into}) overriding system value select ${values.join(', ')}
     from ${EXCHANGED} e join ${WAS} w on w.csvjobs$entry = e.entry where e.place = csvjobs$one.place`;
  const mustBeRefusal = `if ${notTheRow('sqlstate')} then raise; end if;`;
  return (first, last) =>
    doBlock(`
    declare csvjobs$one record;
    begin
      for csvjobs$one in select place, owner from ${EXCHANGED} where place between ${first} and ${last} order by place loop
        begin
          ${insert(old)};
          ${markRestored('updated', 'csvjobs$one.owner', '1')};
        exception when others then
          ${mustBeRefusal}
          insert into ${STUCK} values (csvjobs$one.place);
          begin
            ${insert(present)};
          exception when others then
            ${mustBeRefusal}
          end;
        end;
      end loop;
    end`);
}
