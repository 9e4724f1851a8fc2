/** Says which foreign server has refused a statement for a privilege, and which of its users lacks it. */
import { quoteIdentifier, quoteIfNeeded } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import type { Said } from './denied.js';

/** A foreign table that a statement for its server names. */
interface ThereRow {
  server: string;
  /** The user there; null if this role may not see it. */
  user: string | null;
  /** Its schema and its name there, quoted for SQL. */
  schema: string;
  table: string;
}

export async function explainDeniedThere(db: Db, cause: Said): Promise<Failure> {
  const { message = '', where = '' } = cause;
  const sql = /^remote SQL command: (.*)/ms.exec(where)?.[1] ?? '';
  const { rows } = await db.query<ThereRow>(NAMED, [sql]);
  const servers = [...new Set(rows.map(({ server }) => `the foreign server ${quoteIfNeeded(server)}`))];
  const [first] = rows;
  const user =
    first?.user == null ? 'the user of its user mapping' : `its user ${quoteIdentifier(first.user)}`;
  const grant = servers.length === 1 ? grantOf(message, sql, first!) : undefined;
  return new Failure(
    'target_denied',
    `${servers.length === 0 ? 'a foreign server' : servers.join(' or ')} refuses the rows: ${user} lacks a privilege there: ${message}; ${
      grant === undefined
        ? 'the owner there can grant the privilege'
        : `the owner there can grant it: ${grant}`
    }; then retry the job. No row was rejected for it`,
    { cause },
  );
}

/** The statement for the foreign server; undefined if what it refuses is something else. */
function grantOf(message: string, sql: string, { user, schema, table }: ThereRow): string | undefined {
  if (user === null) return undefined;
  const kind = /^permission denied for (table|schema) /.exec(message)?.[1];
  const to = `to ${quoteIdentifier(user)}`;
  if (kind === 'schema') return `grant usage on schema ${schema} ${to}`;
  if (kind !== 'table') return undefined;
  const verb = /^(insert|update|delete)\b/i.exec(sql)?.[1]?.toLowerCase();
  // To return values, or to find rows by them, PostgreSQL reads them.
  const reads = verb !== 'insert' || /\breturning\b/i.test(sql);
  const rights = [...(reads ? ['select'] : []), ...(verb === undefined ? [] : [verb])];
  return `grant ${rights.join(', ')} on ${table} ${to}`;
}

const option = (options: string, name: string) =>
  `(select option_value from pg_options_to_table(${options}) where option_name = '${name}')`;

const NAMED = `select distinct s.srvname::text as server, ${option('m.umoptions', 'user')} as user, there.schema, there.table
  from pg_foreign_table f join pg_class c on c.oid = f.ftrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_foreign_server s on s.oid = f.ftserver
    left join lateral (select umoptions from pg_user_mappings m where m.srvid = s.oid and m.usename in (current_user, 'public')
      order by m.umuser = 0 limit 1) m on true
    cross join lateral (select quote_ident(coalesce(${option('f.ftoptions', 'schema_name')}, n.nspname)) as schema,
      quote_ident(coalesce(${option('f.ftoptions', 'table_name')}, c.relname)) as name) named
    cross join lateral (select named.schema, named.schema || '.' || named.name as table) there
  where strpos(' ' || translate($1, '()', '  ') || ' ', ' ' || translate(there.table, '()', '  ') || ' ') > 0
  order by 1, 3, 4`;
