/** The schema of a database as SQL, from the catalogue: pg_dump of an older version refuses a newer server. */
import type { Pool } from '../../src/sql/pool.js';

/** Tables with their columns, constraints and indexes, in the order of their names; columns in the table's. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const tables = await pool.query<{ oid: number; name: string; columns: string[] }>(`
    select c.oid, c.relname as name, array_agg(
      format('  %I %s', attname, format_type(atttypid, atttypmod))
      || case when attcollation not in (0, 100, 950) then ' collate ' || quote_ident(collname) else '' end
      || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
      || case when attnotnull then ' not null' else '' end order by attnum) as columns
    from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
      left join pg_attrdef d on adrelid = c.oid and adnum = attnum
      left join pg_collation on pg_collation.oid = attcollation
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'pgmigrations'
    group by c.oid, c.relname order by c.relname`);
  const parts: string[] = [];
  for (const { oid, name, columns } of tables.rows) {
    const constraints = await pool.query<{ line: string }>(
      `select format('  constraint %I %s', conname, pg_get_constraintdef(oid)) as line
       from pg_constraint where conrelid = $1 and contype <> 'n' order by contype desc, conname`,
      [oid],
    );
    parts.push(
      `create table ${name} (\n${[...columns, ...constraints.rows.map((row) => row.line)].join(',\n')}\n);`,
    );
    const indexes = await pool.query<{ line: string }>(
      `select pg_get_indexdef(indexrelid) as line from pg_index
       where indrelid = $1 and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
       order by 1`,
      [oid],
    );
    parts.push(...indexes.rows.map(({ line }) => `${line};`));
  }
  return `${parts.join('\n\n')}\n`;
}
