/** The right to use a schema: without it, a role does not see the tables there. */
import { quoteIdentifier, type TableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** The sentence for a role that may not use a schema, with the statement that grants it. */
export function usageDenied(schema: string, role: string): string {
  const grant = `grant usage on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(role)}`;
  return `the role ${role} may not use the schema ${schema}; its owner can grant it: ${grant}`;
}

/** Returns that sentence if it holds for the schema of a table that still exists; otherwise undefined. */
export async function lackedUsage(db: Db, { schema, name }: TableName): Promise<string | undefined> {
  const { rows } = await db.query<{ role: string }>(
    `select current_user::text as role from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and not has_schema_privilege(n.oid, 'usage')`,
    [schema, name],
  );
  return rows[0] && usageDenied(schema, rows[0].role);
}
