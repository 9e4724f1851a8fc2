/** Checks that the database role may use the sequences that fill columns of a target. */
import { quoteIdentifier, type Target, writeTableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { tableOf } from './loadPlan.js';

/**
 * Without that right, PostgreSQL would refuse every row. An identity needs only the right to insert; a DEFAULT that
 * calls nextval, like that of a serial column, needs a right on the sequence.
 * @param filled the columns that get their values from the file
 * @returns a sentence with the statements that grant it; undefined if the role lacks nothing
 */
export async function lackedSequences(
  db: Db,
  target: Target,
  filled: readonly string[],
): Promise<string | undefined> {
  const { rows } = await db.query<{ column: string; schema: string; sequence: string; role: string }>(
    `select a.attname::text as column, n.nspname::text as schema, s.relname::text as sequence, current_user::text as role
     from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       join pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = d.oid and p.refclassid = 'pg_class'::regclass
       join pg_class s on s.oid = p.refobjid join pg_namespace n on n.oid = s.relnamespace
     where d.adrelid = $1::regclass and a.attname <> all ($2::text[])
       -- PostgreSQL refuses to answer for what is no sequence, and chooses the order of conditions.
       and case s.relkind when 'S' then not has_sequence_privilege(s.oid, 'USAGE, UPDATE') else false end
     order by a.attnum`,
    [tableOf(target), filled],
  );
  if (rows.length === 0) return undefined;
  const grants = rows.map(
    ({ schema, sequence, role }) =>
      `grant usage on sequence ${quoteIdentifier(schema)}.${quoteIdentifier(sequence)} to ${quoteIdentifier(role)}`,
  );
  const columns = rows.map(({ column }) => column).join(', ');
  return `the database role may not use the sequences of ${columns} of ${writeTableName(target.table)}; the owner of the table can grant it: ${grants.join('; ')}`;
}
