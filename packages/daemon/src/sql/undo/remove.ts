/** Removes rows that a job has inserted, if they are still as the job left them and no other row references them. */
import type { Db } from '../pool.js';
import { attempt, isRefusal } from '../target/attempt.js';
import { IDS } from './jobIds.js';
import { inParts, openWorklist, WORKLIST, within } from './parts.js';
import { equal, type ForeignKey, isReferenced, LEFT, leaveReferenced } from './references.js';
import { notRefused, REFUSALS } from './refusals.js';
import type { UndoTarget } from './target.js';
import { partsOf } from './transactionIds.js';

/** Pages (8 KiB) that one statement scans, so that PostgreSQL responds within DB_TIMEOUT for a table of any size. */
const PAGES = 131_072;

export interface Removed {
  removed: number;
  /** Rows that a trigger, a rule or row security of the table has kept. */
  kept: number;
  /** Others of these rows may be removed now, by another call. */
  more: boolean;
}

/**
 * Removes them all at once, or if PostgreSQL refuses that, in parts: refused rows are added to REFUSALS. Rows that reference each other may need further calls: in parts, only those that no other row references are
 * removed.
 * @param keys the foreign keys that reference the table
 */
export async function removeInserted(
  db: Db,
  target: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<Removed> {
  const toItself = keys.filter((key) => key.toItself);
  const rows = doomed(target, await leaveReferenced(db, target, keys));
  let said: Said = {};
  const done = await attempt(
    db,
    () => removeTogether(db, target, rows, toItself.length > 0),
    (error) => {
      said = error as Said;
      return isRefusal(error);
    },
  );
  return done ?? (await removeInParts(db, target, rows, toItself, said));
}

/** PostgreSQL's error fields, named as in `pg`. */
interface Said {
  code?: string;
  constraint?: string;
  message?: string;
}

/**
 * The part of a statement after `delete`: the rows `t` to remove.
 * @param someStay there are rows in LEFT; comparing with none took 6% of the undo of a million rows
 */
function doomed({ table, own }: UndoTarget, someStay: boolean): string {
  const others = `and not exists (select from ${LEFT} l where l.rel = t.tableoid and l.tid = t.ctid)`;
  return `from ${table} t where t.xmin in (select id from ${IDS}) ${own('t')} ${someStay ? others : ''}`;
}

/**
 * @param rows as `doomed` returns them
 * @param inOneGo rows reference each other; PostgreSQL checks at the end of each statement whether one still does
 */
async function removeTogether(db: Db, target: UndoTarget, rows: string, inOneGo: boolean): Promise<Removed> {
  const count = async () => {
    const { rows: counted } = await db.query<{ n: number }>(`select count(*) as n ${rows}`);
    return counted[0]!.n;
  };
  // If so, a statement's own count of deleted rows may be wrong.
  const intervenes = await maybeKept(db, target);
  const before = intervenes ? await count() : 0;
  let removed = 0;
  const pages = inOneGo ? 0 : await pagesOf(db, target);
  for (let page = 0; page === 0 || page < pages; page += PAGES) {
    const part =
      inOneGo || pages <= PAGES ? '' : `and t.ctid >= '(${page},0)' and t.ctid < '(${page + PAGES},0)'`;
    removed += (await db.query(`delete ${rows} ${part}`)).rowCount ?? 0;
  }
  if (!intervenes) return { removed, kept: 0, more: false };
  const kept = await count();
  return { removed: before - kept, kept, more: false };
}

/**
 * No action of a foreign key changes a row that stays, because none of these rows is referenced.
 * @param rows as `doomed` returns them
 * @param toItself keys of the table to itself
 * @param said why the rows cannot be removed together
 */
async function removeInParts(
  db: Db,
  target: UndoTarget,
  rows: string,
  toItself: readonly ForeignKey[],
  { code, constraint, message }: Said,
): Promise<Removed> {
  const unreferenced = toItself.map(
    (key) =>
      `and not (${isReferenced(key)} and exists (select from ${key.table} r where ${equal(key)}
         and (r.tableoid, r.ctid) <> (t.tableoid, t.ctid)))`,
  );
  const places = 'null::bigint as entry, null::uuid as owner, t.tableoid as rel, t.ctid as tid';
  const count = await openWorklist(db, `select ${places} ${rows} ${unreferenced.join(' ')}`, 'rel, tid');
  if (count === 0) {
    // All reference each other: together they are refused, and none can be removed before the others.
    await db.query(
      `insert into ${REFUSALS} select 'inserted', null, t.tableoid, t.ctid, $1, $2, $3 ${rows}`,
      [code, constraint, message],
    );
    return { removed: 0, kept: 0, more: true };
  }
  const place = `t.xmin in (select id from ${IDS}) ${target.own('t')}`;
  await inParts(db, count, {
    part: 'inserted',
    together: (first, last) =>
      db.query(
        `delete from ${target.table} t using ${WORKLIST} d
         where d.${within(first, last)} and t.tableoid = d.rel and t.ctid = d.tid and ${place}`,
      ),
    each: `delete from ${target.table} t where t.tableoid = csvjobs$one.rel and t.ctid = csvjobs$one.tid and ${place}`,
  });
  const { rows: counted } = await db.query<{ left: number; kept: number }>(
    `select count(*) as left, count(*) filter (where true ${notRefused('t')}) as kept
     from ${WORKLIST} d join ${target.table} t on t.tableoid = d.rel and t.ctid = d.tid and t.xmin in (select id from ${IDS})`,
  );
  const { left, kept } = counted[0]!;
  return { removed: count - left, kept, more: toItself.length > 0 };
}

/** Returns the size of the largest partition, or of the table, in pages. */
async function pagesOf(db: Db, { relation }: UndoTarget): Promise<number> {
  const { rows } = await db.query<{ pages: number }>(
    `select coalesce(max(pg_relation_size(relid) / 8192), 0) as pages from ${partsOf('$1::oid::regclass')} where isleaf`,
    [relation],
  );
  return rows[0]!.pages;
}

/**
 * Returns whether the table, or a partition, has a rule or a row trigger on DELETE (bits 1 and 8 of tgtype), or row security
 * that may keep rows.
 */
async function maybeKept(db: Db, { relation }: UndoTarget): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean }>(
    `select exists (select from pg_trigger t where t.tgrelid in (select relid from ${partsOf('$1::oid::regclass')})
         and t.tgtype & 9 = 9 and not t.tgisinternal and t.tgenabled in ('O', 'A'))
       or exists (select from pg_rewrite r where r.ev_class = $1::oid and r.ev_type = '4')
       or row_security_active($1::oid) as may`,
    [relation],
  );
  return rows[0]!.may;
}
