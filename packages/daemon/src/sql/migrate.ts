import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { asFailure, Failure } from '../failure.js';
import { checkServer, findHome, type Home } from './databaseCheck.js';
import { checkRights, MIGRATIONS_TABLE } from './databaseRights.js';
import { type Client, type Connection, connect, type Db } from './pool.js';

/** Key of the lock that a migrating daemon holds. Any number will do, as long as all csvjobs daemons use the same. */
const MIGRATION_LOCK = 6_277_151;

/** Returns the folder of the migrations: beside the compiled program in a package, at the top in a checkout. */
export function migrationsFolder(): string {
  const places = ['../migrations', '../../../../migrations'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (!found)
    throw new Failure(
      'migrations_missing',
      `no migrations in ${places.join(' or ')}; the installation is damaged, install csvjobs again`,
    );
  return found;
}

export interface Migrated {
  /** The names of the migrations that ran. */
  ran: string[];
  /** The schemas of our tables, as in `set search_path to …`; for all further connections. */
  searchPath: string;
}

/**
 * Checks the database and brings the schema up to date (or rolls back `count` migrations, for `down`), all in one
 * transaction: a failure leaves nothing behind. Its advisory lock lasts as long as the transaction, so it also works
 * behind a pooler: of daemons that start together, one migrates and the others wait.
 * @throws {Failure} see databaseCheck.ts; `database_read_only`, `pooler_unfit`; and any other error of a migration
 */
export async function migrateHome(
  connection: Connection,
  options: { direction?: 'up' | 'down'; count?: number; log?: (line: string) => void } = {},
): Promise<{ ran: string[]; home: Home }> {
  const client = await connect(connection, 'csvjobs migrate');
  try {
    await checkServer(client);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const files = migrationFiles();
    const home = await findHome(client, files[0]!, connection.schema);
    const { direction = 'up' } = options;
    const due = direction === 'down' ? home.had.length > 0 : pending(files, home.had).length > 0;
    const ran = due ? await runMigrations(client, home, direction, options) : [];
    if (direction === 'up' && options.count === undefined) await checkRights(client, home);
    await client.query('commit');
    return { ran, home };
  } catch (error) {
    throw explained(error);
  } finally {
    await client.end();
  }
}

/** The same, for callers that need only the search path. */
export async function migrate(...given: Parameters<typeof migrateHome>): Promise<Migrated> {
  const { ran, home } = await migrateHome(...given);
  return { ran, searchPath: home.searchPath };
}

/**
 * Checks another route to a migrated database: its pooler and its role.
 * @throws {Failure} see databaseCheck.ts; `database_read_only`, `pooler_unfit`
 */
export async function checkWay(connection: Connection, home: Home): Promise<void> {
  const client = await connect(connection, 'csvjobs look');
  try {
    await client.query('begin');
    await checkRights(client, home);
    await client.query('commit');
  } catch (error) {
    throw explained(error);
  } finally {
    await client.end();
  }
}

async function runMigrations(
  client: Client,
  { schema, searchPath, migrationsSchema, toBeMade }: Home,
  direction: 'up' | 'down',
  { count, log = () => {} }: { count?: number; log?: (line: string) => void },
): Promise<string[]> {
  if (toBeMade) await client.query(`create schema ${pg.escapeIdentifier(schema)}`);
  await client.query(`set local search_path to ${searchPath}`);
  const ran = await runner({
    // Everything runs in our transaction, so the runner's own begin and commit are dropped.
    dbClient: {
      query: (text: string, values?: unknown[]) =>
        /^\s*(begin|commit|rollback);?\s*$/i.test(text)
          ? Promise.resolve(NOTHING)
          : client.query(text, values),
    } as unknown as pg.ClientBase,
    singleTransaction: true,
    dir: migrationsFolder(),
    // schema.sql, the dump of the resulting schema, is in the same folder.
    ignorePattern: '(\\..*|schema\\.sql)',
    direction,
    ...(count === undefined ? {} : { count }),
    migrationsTable: MIGRATIONS_TABLE,
    migrationsSchema,
    noLock: true,
    log,
  });
  return ran.map((migration) => migration.name);
}

const NOTHING = { rows: [], rowCount: 0 };

/** SQLSTATEs (PostgreSQL, appendix A): duplicate_table (any relation), duplicate_object (a type), duplicate_function. */
const NAME_TAKEN = ['42P07', '42710', '42723'];

/** Converts an error to a failure with advice, if the cause is known and waiting does not help. */
function explained(error: unknown): unknown {
  const failure = asFailure(error);
  if (failure.code === 'database_read_only')
    return new Failure(failure.code, failure.message, { cause: error });
  if (failure.code === 'database_rights' && failure !== error) {
    return new Failure(
      failure.code,
      `the role may not bring the schema up to date: ${(error as Error).message}
  run csvjobsd migrate once as the owner of the tables (DATABASE_URL, or DB_USER and DB_PASSWORD), and start again`,
      { cause: error },
    );
  }
  if (NAME_TAKEN.includes((error as { code?: string }).code ?? '')) {
    return new Failure(
      'tables_taken',
      `${(error as Error).message}, and csvjobs did not create it
  rename it, or give csvjobs a schema of its own (DB_SCHEMA) or a database of its own (DATABASE_URL or DB_NAME)`,
      { cause: error },
    );
  }
  // PgBouncer always says this; its code (08P01) stands for any protocol violation.
  if (/statement pooling mode/.test(failure.message)) {
    return new Failure(
      'pooler_unfit',
      `the pooler before PostgreSQL pools statements, and csvjobs needs transactions
  set pool_mode = transaction (or session) for this database, or connect to PostgreSQL itself`,
      { cause: error },
    );
  }
  return error;
}

/** Returns the names of this program's migrations that the database lacks. Ignores migrations of newer programs. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE}`);
  return pending(
    migrationFiles(),
    rows.map((row) => row.name),
  );
}

function pending(files: readonly string[], had: readonly string[]): string[] {
  return files.filter((name) => !had.includes(name));
}

/** Returns the names of this program's migrations, in order. */
function migrationFiles(): string[] {
  return readdirSync(migrationsFolder())
    .filter((file) => file.endsWith('.cjs'))
    .map((file) => file.replace(/\.cjs$/, ''))
    .sort();
}
