/** The rights that the daemon's role needs on csvjobs' own tables, and the statements that grant missing ones. */
import pg from 'pg';
import { Failure } from '../failure.js';
import type { Db } from './pool.js';

/** Our tables and the rights that the daemon needs on each. CREATE and ALTER are needed only for migrations. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  jobs: ['SELECT', 'INSERT', 'UPDATE'],
  customers: ['SELECT', 'INSERT'],
  job_errors: ['SELECT', 'INSERT', 'DELETE'],
  job_transactions: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  job_journal: ['SELECT', 'INSERT', 'DELETE'],
  resumable_uploads: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  api_tokens: ['SELECT', 'INSERT', 'UPDATE'],
  daemons: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  webhook_endpoints: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  webhook_deliveries: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  database_identity: ['SELECT', 'UPDATE'],
  pgmigrations: ['SELECT'],
};

export const OUR_TABLES: readonly string[] = Object.keys(RIGHTS);

/** Our tables except customers. No job may load into these. */
export const OWN_TABLES: readonly string[] = OUR_TABLES.filter((name) => name !== 'customers');

export const MIGRATIONS_TABLE = 'pgmigrations';

/** Where our tables are. */
export interface HomeSchemas {
  /** The schema of all other tables. */
  schema: string;
  /** The schema of pgmigrations. It differs if csvjobs 1.0 created it, which put it in `public`. */
  migrationsSchema: string;
}

/** @throws {Failure} `database_rights` if the role lacks a right on a table, with the statements that grant it */
export async function checkRights(db: Db, { schema, migrationsSchema }: HomeSchemas): Promise<void> {
  const tables = OUR_TABLES.map((name) => ({
    schema: name === MIGRATIONS_TABLE ? migrationsSchema : schema,
    name,
  }));
  const { role, missing } = await missingRights(db, tables);
  if (missing.length > 0) throw lackingRights(role, missing);
}

/** Returns the statements that grant this role what it lacks on those of the tables that exist, and on their schemas. */
export async function missingRights(
  db: Db,
  tables: readonly { schema: string; name: string }[],
): Promise<{ role: string; missing: string[] }> {
  const wanted = tables.map(({ schema, name }) => ({
    ...{ schema, name, rights: RIGHTS[name] },
    quoted: `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`,
  }));
  const { rows } = await db.query<{ role: string; missing: string[] }>(
    // By OID, because a name cannot be looked up in a schema that the role may not use.
    `select current_user::text as role, array(
       select format('grant USAGE on schema %I to %I', nspname, current_user)
       from pg_namespace where nspname = any($2) and not has_schema_privilege(oid, 'USAGE') order by nspname
     ) || array(
       select format('grant %s on %s to %I', string_agg(right_, ', ' order by at), quoted, current_user)
       from jsonb_to_recordset($1) as wanted (schema text, name text, quoted text, rights jsonb)
       join pg_namespace n on nspname = schema join pg_class c on relnamespace = n.oid and relname = name,
       jsonb_array_elements_text(rights) with ordinality as each (right_, at)
       where not has_table_privilege(c.oid, right_) group by quoted order by quoted) as missing`,
    [JSON.stringify(wanted), tables.map(({ schema }) => schema)],
  );
  return rows[0]!;
}

/** The refusal of a role that lacks rights, with the statements that grant them. */
export function lackingRights(role: string, missing: readonly string[]): Failure {
  return new Failure(
    'database_rights',
    `the role ${role} lacks privileges on tables of csvjobs; their owner can grant them:\n  ${missing.join(';\n  ')};`,
  );
}
