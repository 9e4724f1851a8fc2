/** The schema of a database as SQL, from the catalog: pg_dump of an older version refuses a newer server. */
import type { Pool } from '../../src/sql/pool.js';

/** Functions without their bodies, and tables with their columns, constraints, indexes and triggers, sorted by name. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const tables = await pool.query<{ oid: number; name: string; columns: string[] }>(`
    select c.oid, c.relname as name, array_agg(
      format('  %I %s', attname, format_type(atttypid, atttypmod))
      || case when attcollation not in (0, 100) then ' collate ' || quote_ident(collname) else '' end
      || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
      || case when attnotnull then ' not null' else '' end order by attnum) as columns
    from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
      left join pg_attrdef d on adrelid = c.oid and adnum = attnum
      left join pg_collation on pg_collation.oid = attcollation
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'pgmigrations'
    group by c.oid, c.relname order by c.relname`);
  const functions = await pool.query<{ line: string }>(`
    select format('-- function %I(%s) returns %s', proname, pg_get_function_arguments(oid), pg_get_function_result(oid)) as line
    from pg_proc where pronamespace = 'public'::regnamespace order by 1`);
  const parts: string[] = functions.rows.map(({ line }) => line);
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
    const triggers = await pool.query<{ line: string }>(
      `select pg_get_triggerdef(oid) || case tgenabled when 'A' then ' -- always' else '' end as line from pg_trigger
       where tgrelid = $1 and not tgisinternal order by tgname`,
      [oid],
    );
    parts.push(...triggers.rows.map(({ line }) => line.replace(/( --.*)?$/, ';$1')));
  }
  return `${parts.join('\n\n')}\n`;
}
