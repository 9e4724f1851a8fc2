/** Creates a table from validated parts. */
import {
  createTableStatement,
  type NewColumnType,
  quoteIdentifier,
  shellWord,
  type TableName,
  writeTableName,
} from '@csvjobs/shared';
import { asFailure, Failure } from '../../failure.js';
import type { Db } from '../pool.js';

export interface TableDescription {
  table: TableName;
  columns: readonly { name: string; type: NewColumnType }[];
  key: readonly string[];
}

/**
 * Creates a table as the role of `db`.
 * @throws {Failure} `table_exists`, `schema_not_found`, or `table_no_rights` if PostgreSQL refuses it
 */
export async function createTable(db: Db, description: TableDescription): Promise<void> {
  try {
    await db.query(createTableStatement(description));
  } catch (error) {
    throw await refusal(db, error, description.table);
  }
}

/** SQLSTATEs of PostgreSQL, appendix A. Concurrent creations of one table collide in a unique index of the catalog. */
const EXISTS = new Set(['42P07', '42710', '23505']);
const NO_SCHEMA = '3F000';
const NO_RIGHT = '42501';

async function refusal(db: Db, error: unknown, table: TableName): Promise<Failure> {
  const { code = '', message } = error as { code?: string; message: string };
  const shown = writeTableName(table);
  if (EXISTS.has(code))
    return new Failure(
      'table_exists',
      `${shown} exists already; csvjobs describe ${shellWord(shown)} shows it`,
      {
        cause: error,
      },
    );
  if (code === NO_SCHEMA)
    return new Failure(
      'schema_not_found',
      `there is no schema ${quoteIdentifier(table.schema)} in the database; create it with: create schema ${quoteIdentifier(table.schema)};`,
      { cause: error },
    );
  const failure = asFailure(error);
  // An event trigger (CREATE EVENT TRIGGER) may refuse with any SQLSTATE.
  const refused = code === NO_RIGHT || (failure.code === 'unexpected' && /^[0-9A-Z]{5}$/.test(code));
  if (!refused) return failure;
  const grant = code === NO_RIGHT ? await missingGrant(db, table) : undefined;
  const advice = grant === undefined ? '' : `; its owner can grant it: ${grant}`;
  return new Failure('table_no_rights', `PostgreSQL refused to create ${shown}: ${message}${advice}`, {
    cause: error,
  });
}

/** The statement that grants what the role lacks on the schema of a table; undefined if it lacks nothing there. */
async function missingGrant(db: Db, { schema }: TableName): Promise<string | undefined> {
  const { rows } = await db.query<{ missing: string | null; role: string }>(
    `select string_agg(r, ', ') as missing, current_user::text as role from unnest('{usage,create}'::text[]) r
     where not has_schema_privilege(quote_ident($1)::regnamespace, r)`,
    [schema],
  );
  const { missing, role } = rows[0]!;
  if (missing === null) return undefined;
  return `grant ${missing} on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(role)}`;
}
