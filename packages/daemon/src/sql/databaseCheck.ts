/**
 * Checks what a database needs before anything is done in it, and finds the schema that is csvjobs' home. Each
 * problem is a sentence that says how to fix it; nothing has been changed by then.
 */
import pg from 'pg';
import { Failure } from '../failure.js';
import {
  type HomeSchemas,
  lackingRights,
  MIGRATIONS_TABLE,
  missingRights,
  OUR_TABLES,
} from './databaseRights.js';
import type { Client } from './pool.js';

/** NULLS NOT DISTINCT and has_parameter_privilege came with PostgreSQL 15; the tests run on 15, 16, 17 and 18. */
const OLDEST_SERVER = 150_000;

/** Columns these tables have had since the first release. A table that lacks one belongs to another application. */
const SIGNATURE: Readonly<Record<string, readonly string[]>> = {
  jobs: ['id', 'filename', 'status', 'processed_rows', 'sha256'],
  customers: ['id', 'job_id', 'row_number', 'name', 'email', 'phone', 'company'],
  job_errors: ['job_id', 'row_number', 'line', 'code', 'message', 'row'],
  [MIGRATIONS_TABLE]: ['id', 'name', 'run_on'],
};

/** Where the tables of csvjobs are in a database, or will be. */
export interface Home extends HomeSchemas {
  /** As in `set search_path to …`. */
  searchPath: string;
  /** Names of the applied migrations; empty in a new database. */
  had: string[];
  /** The schema does not exist yet, and this role may create it. */
  toBeMade?: true;
}

/** A relation that has one of our names. */
interface Relation {
  name: string;
  /** pg_class.relkind */
  kind: string;
  columns: string[];
}

/** @throws {Failure} `server_too_old` below PostgreSQL 15 */
export async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.bare(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name`,
  );
  const { version, name } = rows[0] as { version: number; name: string };
  if (version >= OLDEST_SERVER) return;
  throw new Failure(
    'server_too_old',
    `this is PostgreSQL ${name}; csvjobs needs 15 or newer; 18 is recommended`,
  );
}

interface Facts {
  database: string;
  role: string;
  encoding: string;
  temporary: boolean;
  /** Whether the role may create a schema. */
  mayMakeSchemas: boolean;
  /** Existing schemas of the role's search_path, in order. */
  path: string[];
}

/**
 * Finds csvjobs' home schema and checks that the role has the rights it needs there.
 * @param first the name of the first migration; it distinguishes our pgmigrations from another application's
 * @param wanted the configured schema (DB_SCHEMA); if given, csvjobs' home can only be there
 * @throws {Failure} `database_unfit`, `database_rights` or `tables_taken`, with how to fix it
 */
export async function findHome(client: Client, first: string, wanted?: string): Promise<Home> {
  const { rows } = await client.query<Facts>(
    `select current_database()::text as database, current_user::text as role,
       current_setting('server_encoding') as encoding,
       has_database_privilege(current_database(), 'TEMPORARY') as temporary,
       has_database_privilege(current_database(), 'CREATE') as "mayMakeSchemas",
       current_schemas(false)::text[] as path`,
  );
  const facts = rows[0]!;
  checkDatabase(facts);
  // `public` comes after the role's schemas: a search_path other than the original one must not lead to a second,
  // empty home.
  const all = [...new Set([...(wanted === undefined ? facts.path : [wanted]), 'public'])];
  const there = await relationsIn(client, all);
  const has = (schema: string, name: string) => there.get(schema)?.has(name) ?? false;
  // csvjobs 1.0 always put pgmigrations in `public`, wherever its tables were.
  const isSplit = (schema: string) => has(schema, 'job_errors') && !has(schema, MIGRATIONS_TABLE);
  const candidates =
    wanted === undefined || (isSplit(wanted) && !has('public', 'job_errors')) ? all : [wanted];
  for (const schema of candidates) {
    const migrations = there.get(schema)?.get(MIGRATIONS_TABLE);
    if (!migrations || !isOurs(migrations)) continue;
    const had = await migrationsIn(client, schema, there.get(schema)!);
    // Empty after all migrations were rolled back: a new installation may use it.
    if (had.length === 0) there.get(schema)!.delete(MIGRATIONS_TABLE);
    if (!had.includes(first)) continue;
    const tables = candidates.find((each) => has(each, 'job_errors')) ?? schema;
    const foreign = [...(there.get(tables)?.values() ?? [])].filter((relation) => !isOurs(relation));
    if (foreign.length > 0) throw taken(facts, tables, foreign);
    return homeIn(tables, schema, had);
  }
  return newHome(client, facts, there, wanted ?? facts.path[0] ?? 'public');
}

function checkDatabase({ database, role, encoding, temporary }: Facts): void {
  if (encoding !== 'UTF8') {
    throw new Failure(
      'database_unfit',
      `the encoding of the database ${database} is ${encoding}; csvjobs needs UTF8, and an encoding cannot be changed
  create another one: create database csvjobs encoding 'UTF8' locale 'C.UTF-8' template template0; and name it in DATABASE_URL or DB_NAME`,
    );
  }
  if (!temporary) {
    throw new Failure(
      'database_rights',
      `the role ${role} may not create temporary tables in the database ${database}, through which duplicates are found
  grant it: grant temporary on database ${pg.escapeIdentifier(database)} to ${pg.escapeIdentifier(role)};`,
    );
  }
}

/** Returns which of our names are taken in each schema, by any kind of relation. */
async function relationsIn(
  client: Client,
  schemas: readonly string[],
): Promise<Map<string, Map<string, Relation>>> {
  const { rows } = await client.query<{ schema: string; relations: Relation[] }>(
    `select nspname::text as schema, json_agg(json_build_object('name', relname, 'kind', relkind, 'columns', array(
       select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped))) as relations
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname = any($1) and relname = any($2) group by nspname`,
    [schemas, OUR_TABLES],
  );
  return new Map(
    rows.map(({ schema, relations }) => [schema, new Map(relations.map((each) => [each.name, each]))]),
  );
}

/** Returns whether a relation may belong to csvjobs: a table with at least the columns of the first release. */
function isOurs({ name, kind, columns }: Relation): boolean {
  return ['r', 'p'].includes(kind) && (SIGNATURE[name] ?? []).every((column) => columns.includes(column));
}

/** pg_class.relkind in words (PostgreSQL, 51.11). */
const KINDS: Readonly<Record<string, string>> = {
  ...{ v: 'view', m: 'materialized view', i: 'index', I: 'index', S: 'sequence', c: 'type' },
  ...{ f: 'foreign table' },
};

function taken(facts: Facts, schema: string, relations: readonly Relation[]): Failure {
  const found = relations.map(({ name, kind }) => (KINDS[kind] ? `${name} (${KINDS[kind]})` : name)).sort();
  return new Failure(
    'tables_taken',
    `the schema ${schema} of the database ${facts.database} has relations that csvjobs did not create: ${found.join(', ')}
  ${aSchemaOfItsOwn(facts, schema)}
  or give it a database of its own (DATABASE_URL or DB_NAME)`,
  );
}

/** Advice to use another schema when csvjobs cannot have this one. */
function aSchemaOfItsOwn({ role, mayMakeSchemas }: Facts, otherThan: string): string {
  const name = otherThan === 'csvjobs' ? 'csvjobs_own' : 'csvjobs';
  const set = `give csvjobs a schema of its own: set DB_SCHEMA=${name} and start again`;
  return mayMakeSchemas ? `${set}; it then creates the schema` : `${set}, after: ${createSchema(name, role)}`;
}

function createSchema(name: string, role: string): string {
  return `create schema ${pg.escapeIdentifier(name)} authorization ${pg.escapeIdentifier(role)};`;
}

/**
 * Reads the names of the migrations in a pgmigrations table. If another application owns it, none of them is ours.
 * @throws {Failure} `database_rights` with all grants that this role needs in the schema, so that one start is enough
 */
async function migrationsIn(
  client: Client,
  schema: string,
  relations: ReadonlyMap<string, Relation>,
): Promise<string[]> {
  const table = `${pg.escapeIdentifier(schema)}.${MIGRATIONS_TABLE}`;
  const { rows: may } = await client.query<{ usage: boolean; select: boolean }>(
    `select has_schema_privilege($1, 'USAGE') as usage, has_table_privilege(c.oid, 'SELECT') as select
     from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1 and relname = $2`,
    [schema, MIGRATIONS_TABLE],
  );
  if (!may[0]!.usage || !may[0]!.select) {
    // Without our job_errors, this may be the pgmigrations of another application.
    const errors = relations.get('job_errors');
    const names = errors && isOurs(errors) ? [...relations.keys()] : [MIGRATIONS_TABLE];
    const { role, missing } = await missingRights(
      client,
      names.map((name) => ({ schema, name })),
    );
    throw lackingRights(role, missing);
  }
  const { rows } = await client.query<{ name: string }>(`select name from ${table} order by run_on, id`);
  return rows.map(({ name }) => name);
}

function homeIn(schema: string, migrationsSchema: string, had: string[]): Home {
  const schemas = [...new Set([schema, migrationsSchema])];
  const searchPath = schemas.map((each) => pg.escapeIdentifier(each)).join(', ');
  return { schema, migrationsSchema, searchPath, had };
}

/** Returns the home of a csvjobs that is not installed yet. */
async function newHome(
  client: Client,
  facts: Facts,
  there: Map<string, Map<string, Relation>>,
  schema: string,
): Promise<Home> {
  const foreign = [...(there.get(schema)?.values() ?? [])];
  if (foreign.length > 0) throw taken(facts, schema, foreign);
  const { rows } = await client.query<{ may: boolean }>(
    `select has_schema_privilege(oid, 'CREATE') and has_schema_privilege(oid, 'USAGE') as may
     from pg_namespace where nspname = $1`,
    [schema],
  );
  const home = homeIn(schema, schema, []);
  if (rows.length === 0 && facts.mayMakeSchemas) return { ...home, toBeMade: true };
  if (rows.length === 0) {
    throw new Failure(
      'database_rights',
      `the database ${facts.database} has no schema ${schema}, and the role ${facts.role} may not create it
  let the database's owner do it: ${createSchema(schema, facts.role)}`,
    );
  }
  if (!rows[0]!.may) {
    throw new Failure(
      'database_rights',
      `the role ${facts.role} may not create tables in the schema ${schema} of the database ${facts.database}
  run csvjobsd migrate once as a role that may, and grant this one the rights that its next start asks for;
  or ${aSchemaOfItsOwn(facts, schema)}`,
    );
  }
  return home;
}
