/** Which tables may be loaded into, and by whom. The only place that decides it. */
import {
  matchesTable,
  parseTablePatterns,
  type TableName,
  type TablePattern,
  tableRegex,
  writeTableName,
} from '@csvjobs/shared';
import { MIGRATIONS_TABLE, OWN_TABLES } from '../sql/databaseRights.js';
import { homeSchemas, otherHomes } from '../sql/home.js';
import type { Db } from '../sql/pool.js';
import type { Caller } from './access.js';

export interface TableAccess {
  /** The schema of csvjobs' own tables. */
  home: string;
  /** Why nobody may load into a table of this name: it is PostgreSQL's or csvjobs' own; undefined otherwise. */
  never(table: TableName): string | undefined;
  /** Why a caller may not load into a table of this name, whether it exists or not; undefined if it may. */
  refusal(caller: Pick<Caller, 'tables'>, table: TableName): string | undefined;
}

/**
 * @param targetTables TARGET_TABLES; undefined for the default: all of the schema on our own server
 * (`ownServer`), on any other server, where other applications may have tables, only `customers`
 */
export async function openTableAccess(
  db: Db,
  { targetTables, ownServer }: { targetTables: string | undefined; ownServer: boolean },
): Promise<TableAccess> {
  const [home = 'public', ...others] = await homeSchemas(db);
  const allowed =
    targetTables === undefined ? defaultTables(home, ownServer) : parseTablePatterns(targetTables);
  // Its tokens, for one, would give its rights to everyone who may load into them.
  const homes = [home, ...(await otherHomes(db))];
  // pgmigrations of csvjobs 1.0 is not in the same schema as the rest.
  const own = new Set(
    [...homes, ...others].flatMap((schema) =>
      OWN_TABLES.filter((name) => homes.includes(schema) || name === MIGRATIONS_TABLE).map((name) =>
        writeTableName({ schema, name }),
      ),
    ),
  );
  const never = (table: TableName) => {
    const name = writeTableName(table);
    if (isSystemSchema(table.schema))
      return `${name} is a table of PostgreSQL itself, which csvjobs never loads into`;
    return own.has(name) ? `${name} is a table of csvjobs itself, which it never loads into` : undefined;
  };
  return {
    home,
    never,
    refusal: ({ tables }, table) => {
      const refused = never(table);
      if (refused !== undefined) return refused;
      const name = writeTableName(table);
      if (!matchesTable(allowed, table))
        return `this daemon may not load into ${name}; its operator can add the table to TARGET_TABLES`;
      if (tables !== null && !matchesTable(tables, table))
        return `this token is not for ${name}; an admin can create one that is: csvjobs token create --name <name> --table <pattern>`;
      return undefined;
    },
  };
}

function defaultTables(home: string, ownServer: boolean): TablePattern[] {
  return [{ schema: [home], name: ownServer ? ['', ''] : ['customers'] }];
}

/** Names that start with pg_ belong to PostgreSQL (manual, section 5.10.5). */
function isSystemSchema(schema: string): boolean {
  return schema.startsWith('pg_') || schema === 'information_schema';
}

/**
 * The jobs that a caller sees, as a regular expression over the written names of their tables; null for all
 * jobs. A job of a table that TARGET_TABLES no longer contains is visible to callers without a limit.
 */
export function visibleTables({ tables }: Pick<Caller, 'tables'>): string | null {
  return tables === null ? null : tableRegex(tables);
}

/** Whether a caller sees a job, by the written name of its table. */
export function visibleTo(caller: Pick<Caller, 'tables'>, table: string): boolean {
  const visible = visibleTables(caller);
  return visible === null || new RegExp(visible).test(table);
}
