/** Removes rows that a job has inserted, if they are still as the job left them and no other row references them. */
import type { Db } from '../pool.js';
import { IDS } from './jobIds.js';
import { LEFT } from './references.js';
import type { UndoTarget } from './target.js';
import { partsOf } from './transactionIds.js';

/** Pages (8 KiB) that one statement scans, so that PostgreSQL responds within DB_TIMEOUT for a table of any size. */
const PAGES = 131_072;

export interface Removed {
  removed: number;
  /** Rows that a trigger or a rule of the table has kept. */
  kept: number;
}

/** @param inOneGo rows reference each other; PostgreSQL checks at the end of each statement whether one still does */
export async function removeInserted(db: Db, target: UndoTarget, inOneGo: boolean): Promise<Removed> {
  const { table, own } = target;
  const doomed = `from ${table} t where t.xmin in (select id from ${IDS}) ${own('t')}
    and not exists (select from ${LEFT} l where l.rel = t.tableoid and l.tid = t.ctid)`;
  const count = async () => {
    const { rows } = await db.query<{ n: number }>(`select count(*) as n ${doomed}`);
    return rows[0]!.n;
  };
  // If so, a statement's own count of deleted rows may be wrong.
  const intervenes = await maybeKept(db, target);
  const before = intervenes ? await count() : 0;
  let removed = 0;
  const pages = inOneGo ? 0 : await pagesOf(db, target);
  for (let page = 0; page === 0 || page < pages; page += PAGES) {
    const part =
      inOneGo || pages <= PAGES ? '' : `and t.ctid >= '(${page},0)' and t.ctid < '(${page + PAGES},0)'`;
    removed += (await db.query(`delete ${doomed} ${part}`)).rowCount ?? 0;
  }
  if (!intervenes) return { removed, kept: 0 };
  const kept = await count();
  return { removed: before - kept, kept };
}

/** Returns the size of the largest partition, or of the table, in pages. */
async function pagesOf(db: Db, { relation }: UndoTarget): Promise<number> {
  const { rows } = await db.query<{ pages: number }>(
    `select coalesce(max(pg_relation_size(relid) / 8192), 0) as pages from ${partsOf('$1::oid::regclass')} where isleaf`,
    [relation],
  );
  return rows[0]!.pages;
}

/** Returns whether the table, or a partition, has a rule or a row trigger on DELETE (bits 1 and 8 of tgtype). */
async function maybeKept(db: Db, { relation }: UndoTarget): Promise<boolean> {
  const { rows } = await db.query<{ may: boolean }>(
    `select exists (select from pg_trigger t where t.tgrelid in (select relid from ${partsOf('$1::oid::regclass')})
         and t.tgtype & 9 = 9 and not t.tgisinternal and t.tgenabled in ('O', 'A'))
       or exists (select from pg_rewrite r where r.ev_class = $1::oid and r.ev_type = '4') as may`,
    [relation],
  );
  return rows[0]!.may;
}
