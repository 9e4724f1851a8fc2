/**
 * Finds rows of a job that other rows reference. They stay, whatever the foreign key would do to the others (refuse,
 * cascade, set null). A row that only rows of the same job reference is removed with them, unless one of them stays.
 */
import { quoteIdentifier, type Reference } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { literal } from '../target/rowFaults.js';
import { IDS } from './jobIds.js';
import type { UndoTarget } from './target.js';
import { partsOf } from './transactionIds.js';

/** A foreign key that references the table, or a partition of it. */
export interface ForeignKey {
  name: string;
  /** The table that has the key, quoted for SQL. */
  table: string;
  /** The key is on the table itself. */
  toItself: boolean;
  /** The oid of the referenced table. */
  references: number;
  columns: string[];
  referenced: string[];
  /** Its last column is a period that must be covered (PostgreSQL 18). */
  period: boolean;
  /** The role can see all rows of the table. */
  readable: boolean;
  /** If a referenced row is removed, rows of the table are removed or changed. */
  changesOthers: boolean;
  /** If a referenced value is changed, so are the rows that reference it. */
  followsUpdates: boolean;
}

/** Rows that stay, with the index of the foreign key that keeps each. */
export const LEFT = 'pg_temp.csvjobs_left';

export async function foreignKeysTo(db: Db, relation: number): Promise<ForeignKey[]> {
  const names = (of: string, numbers: string) => `array(
    select a.attname::text from unnest(${numbers}) with ordinality n (attnum, place)
      join pg_attribute a on a.attrelid = ${of} and a.attnum = n.attnum order by n.place)`;
  const { rows } = await db.query<ForeignKey>(
    `with tree as (select relid::oid as oid from ${partsOf('$1::oid::regclass')})
     select k.conname::text as name, format('%I.%I', n.nspname, c.relname) as table, k.conrelid in (select oid from tree) as "toItself",
       k.confrelid::bigint as references, ${names('k.conrelid', 'k.conkey')} as columns,
       ${names('k.confrelid', 'k.confkey')} as referenced,
       coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) as period,
       has_table_privilege(k.conrelid, 'SELECT') and not row_security_active(k.conrelid) as readable,
       k.confdeltype not in ('a', 'r') as "changesOthers", k.confupdtype not in ('a', 'r') as "followsUpdates"
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'f' and k.confrelid in (select oid from tree) and k.conparentid = 0
     order by k.conname, k.conrelid`,
    [relation],
  );
  return rows;
}

/**
 * Locks the job's rows, so that no new reference to them can appear, and puts those that stay into a temporary table.
 * Can be called again after other rows have changed. Returns whether there are any.
 * @throws {Failure} `undo_refused` if the role cannot see what is referenced
 */
export async function leaveReferenced(
  db: Db,
  { table, own, role }: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<boolean> {
  await db.query(`drop table if exists ${LEFT}`);
  await db.query('create temporary table csvjobs_left (rel oid, tid tid, key int) on commit drop');
  const hidden = keys.find(({ readable }) => !readable);
  if (hidden)
    throw new Failure(
      'undo_refused',
      `the role ${role} may not see all rows of ${hidden.table}, which may reference rows of the job (${hidden.name}); nothing was changed; its owner can grant it: grant select on ${hidden.table} to ${quoteIdentifier(role)}`,
    );
  if (keys.length === 0) return false;
  const ours = (row: string) => `${row}.xmin in (select id from ${IDS}) ${own(row)}`;
  await db.query(`select count(*) from (select from ${table} t where ${ours('t')} for update) locked`);
  for (const [place, key] of keys.entries()) {
    // A reference from a row of the same job, or from the row itself, is no reason to keep a row.
    const notOurs = key.toItself ? `and not (${ours('r')})` : '';
    await db.query(
      `insert into ${LEFT} select t.tableoid, t.ctid, ${place} from ${table} t
       where ${ours('t')} and ${isReferenced(key)}
         and exists (select from ${key.table} r where ${equal(key)} ${notOurs})`,
    );
  }
  const within = keys.flatMap((key, place) => (key.toItself ? [{ key, place }] : []));
  if (within.length > 0) await leaveAbove(db, table, within, ours);
  await db.query(`analyze ${LEFT}`);
  const { rows } = await db.query(`select from ${LEFT} limit 1`);
  return rows.length > 0;
}

/** Also keeps the rows that the remaining rows reference, and so on. */
async function leaveAbove(
  db: Db,
  table: string,
  within: readonly { key: ForeignKey; place: number }[],
  ours: (row: string) => string,
): Promise<void> {
  const above = within.map(
    ({ key, place }) =>
      `select t.tableoid as rel, t.ctid as tid, ${place} as key from ${table} t where ${equal(key)} and ${isReferenced(key)} and ${ours('t')}`,
  );
  await db.query(
    `with recursive staying as (
       select rel, tid, key from ${LEFT}
       union
       select above.rel, above.tid, above.key from staying join ${table} r on r.tableoid = staying.rel and r.ctid = staying.tid
         cross join lateral (${above.join(' union all ')}) above)
     insert into ${LEFT} select rel, tid, key from staying except select rel, tid, key from ${LEFT}`,
  );
}

/** Condition: `t` is in the table, or the partition, that the key references. */
export function isReferenced({ references }: ForeignKey): string {
  return `t.tableoid in (select relid from ${partsOf(`${references}::oid::regclass`)})`;
}

/** Condition: `r` references `t`. */
export function equal({ columns, referenced, period }: ForeignKey): string {
  return columns
    .map((column, at) => {
      const operator = period && at === columns.length - 1 ? '&&' : '=';
      return `r.${quoteIdentifier(column)} ${operator} t.${quoteIdentifier(referenced[at]!)}`;
    })
    .join(' and ');
}

/** Returns how many rows stay, and why. */
export async function referencesLeft(
  db: Db,
  { table }: UndoTarget,
  keys: readonly ForeignKey[],
): Promise<{ referenced: number; references: Reference[] }> {
  const { rows: counted } = await db.query<{ key: number; rows: number; all: number }>(
    `select key, count(*) as rows, (select count(distinct (rel, tid)) from ${LEFT}) as all from ${LEFT} group by key order by key`,
  );
  const references: Reference[] = [];
  for (const { key: place, rows } of counted) {
    const { name, table: of, referenced } = keys[place]!;
    const names = referenced.map(quoteIdentifier);
    const shown = names.map((column, at) => `${literal(`${referenced[at]} = `)} || t.${column}::text`);
    const { rows: examples } = await db.query<{ example: string }>(
      `select left(concat_ws(', ', ${shown.join(', ')}), 200) as example
       from ${LEFT} l join ${table} t on t.tableoid = l.rel and t.ctid = l.tid where l.key = ${place}
       order by ${names.map((column) => `t.${column}`).join(', ')} limit 1`,
    );
    // None if triggers have written the rows again meanwhile.
    references.push({ constraint: name, table: of, rows, example: examples[0]?.example ?? '' });
  }
  return { referenced: counted[0]?.all ?? 0, references };
}
