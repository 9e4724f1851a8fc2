/** Rows that the table refuses to take back, and what PostgreSQL says of each. They stay as they are. */
import { quoteIdentifier, type Refusal } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { literal } from '../target/literal.js';
import { BACK } from './removedRows.js';
import type { UndoTarget } from './target.js';

/** Which rows: those that the job has updated, inserted, or removed. */
export type Part = 'updated' | 'inserted' | 'removed';

/**
 * Columns: `part`, `entry` of the journal or null, `rel` and `tid` of the current row or null, and `code`, `con` and
 * `says` of PostgreSQL's error.
 */
export const REFUSALS = 'pg_temp.csvjobs_refusals';

export async function openRefusals(db: Db): Promise<void> {
  await db.query(
    `create temporary table csvjobs_refusals (part text, entry bigint, rel oid, tid tid, code text, con text, says text) on commit drop`,
  );
}

/** Forgets refused rows of these parts, before they are tried again. */
export async function forgetRefusals(db: Db, ...parts: Part[]): Promise<void> {
  await db.query(`delete from ${REFUSALS} where part = any ($1)`, [parts]);
}

export async function countRefusals(db: Db, part: Part): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from ${REFUSALS} where part = '${part}'`,
  );
  return rows[0]!.n;
}

/** Condition on the row with this alias: its removal was not refused. Starts with `and`. */
export function notRefused(alias: string): string {
  return `and not exists (select from ${REFUSALS} x where x.part = 'inserted' and x.rel = ${alias}.tableoid and x.tid = ${alias}.ctid)`;
}

/** Returns the refused rows by their cause, those of the most rows first. */
export async function refusalsLeft(db: Db, target: UndoTarget): Promise<Refusal[]> {
  const { rows } = await db.query<{
    code: string;
    con: string | null;
    says: string;
    part: Part;
    entry: string | null;
    rel: string | null;
    tid: string | null;
    rows: number;
  }>(
    `select distinct on (x.code, x.con) x.code, x.con, x.says, x.part, x.entry::text, x.rel::text, x.tid::text,
       count(*) over (partition by x.code, x.con) as rows
     from ${REFUSALS} x order by x.code, x.con, x.part, x.entry, x.rel, x.tid`,
  );
  const names = rows.length === 0 ? [] : await namingColumns(db, target);
  const refusals: Refusal[] = [];
  for (const { code, con, says, part, entry, rel, tid, rows: count } of rows) {
    const example =
      part === 'removed'
        ? `select ${shown(keptOf(target, names), '(w.csvjobs$row)')} as example from ${BACK} w where w.csvjobs$entry = ${entry}`
        : `select ${shown(names, 't')} as example from ${target.table} t where t.tableoid = '${rel}' and t.ctid = '${tid}'`;
    const { rows: examples } = await db.query<{ example: string }>(example);
    refusals.push({
      ...{ sqlstate: code, constraint: con, message: says, rows: count },
      example: examples[0]?.example ?? '',
    });
  }
  return refusals.sort((one, other) => other.rows - one.rows);
}

function shown(names: readonly string[], row: string): string {
  const parts = names.map(
    (name) => `${literal(`${name} = `)} || coalesce(${row}.${quoteIdentifier(name)}::text, 'null')`,
  );
  return `left(concat_ws(', ', ${parts.join(', ')}), 200)`;
}

/** The columns that the journal has; if it has none of them, all that it has. */
function keptOf({ columns }: UndoTarget, names: readonly string[]): string[] {
  const kept = columns!.map(({ name }) => name);
  const some = kept.filter((name) => names.includes(name));
  return some.length > 0 ? some : kept;
}

/** Returns the columns that name a row to people: those of the primary key, or of another unique one, or all. */
async function namingColumns(db: Db, { relation }: UndoTarget): Promise<string[]> {
  const { rows } = await db.query<{ names: string[] }>(
    `select coalesce(
       (select array(select a.attname::text from unnest(i.indkey) with ordinality k (attnum, at)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.at <= i.indnkeyatts order by k.at)
          from pg_index i
          where i.indrelid = $1::oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
          order by i.indisprimary desc, i.indexrelid limit 1),
       array(select attname::text from pg_attribute where attrelid = $1::oid and attnum > 0 and not attisdropped order by attnum))
       as names`,
    [relation],
  );
  return rows[0]!.names;
}
