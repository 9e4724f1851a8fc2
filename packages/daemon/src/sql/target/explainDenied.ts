/** Adds to an error about what a role lacks the statement that gives it. */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { type Denied, isDeniedThere, isUnset, type Said } from './denied.js';
import { explainDeniedThere } from './explainDeniedThere.js';
import { FUNCTION } from './missingRightsQuery.js';

/** PostgreSQL's words in English. In another language, its message stands for itself. */
const IN_ENGLISH = /^permission denied for /;

/** The names have no schema and no quotes, except those of types, which have both as far as needed. */
const MISSING =
  /^permission denied for (?:materialized |foreign )?(table|view|relation|sequence|function|procedure|schema|type) (.+)$/;

/**
 * Explains how to give the role what it lacks.
 * @param target the table or view of the job, quoted for SQL
 */
export async function explainDenied(db: Db, { cause }: Denied, target: string): Promise<Failure> {
  const { message = '', where = '' } = cause;
  if (isUnset(cause)) return unset(db, message, cause);
  if (isDeniedThere(cause)) return explainDeniedThere(db, cause);
  // A view calls functions, also nextval, as the role that uses it.
  const view = ['function', 'sequence'].includes(MISSING.exec(message)?.[1] ?? '') ? '' : target;
  const { role, isOther } = await lackingRole(db, where, view);
  const grants = await grantsOf(db, cause, role);
  const way =
    grants.length === 0
      ? 'its owner can grant the privilege'
      : `its owner can grant it: ${grants.join('; or ')}`;
  const who = !IN_ENGLISH.test(message)
    ? 'the database role lacks, or the owner of a view or security definer function'
    : isOther
      ? `role ${quoteIdentifier(role)} lacks, which owns a view or security definer function`
      : 'the database role lacks';
  return new Failure(
    'target_denied',
    `the rules of the table (a default, a check, a trigger, a view) need a privilege that ${who}: ${message}; ${way}; then retry the job. No row was rejected for it`,
    { cause },
  );
}

/** The role that the failed statement ran as: that of a security definer function, or the owner of a view. */
async function lackingRole(db: Db, where: string, view: string): Promise<{ role: string; isOther: boolean }> {
  const functions = [...where.matchAll(/^PL\/pgSQL function (.+\)) line \d+ at /gm)].map(([, name]) => name!);
  const { rows } = await db.query<{ role: string; isOther: boolean }>(
    `select coalesce(definer, owner, current_user)::text as role,
       coalesce(definer, owner, current_user) <> current_user as "isOther"
     from (select
       (select pg_get_userbyid(proowner) from unnest($1::text[]) with ordinality as f(name, at)
        join pg_proc p on p.oid = to_regprocedure(name) where prosecdef order by at limit 1) as definer,
       (select pg_get_userbyid(relowner) from pg_class where oid = to_regclass(nullif($2, '')) and relkind = 'v' and cardinality($1) = 0
        and not exists (select from pg_options_to_table(reloptions)
          where option_name = 'security_invoker' and option_value::boolean)) as owner) roles`,
    [functions, view],
  );
  return rows[0]!;
}

/** Returns the statements of which one gives the role what it lacks. */
async function grantsOf(
  db: Db,
  { message = '', where = '', routine }: Said,
  role: string,
): Promise<string[]> {
  const [, kind = '', name = ''] = MISSING.exec(message) ?? [];
  const grant = (privilege: string, object: string) =>
    `grant ${privilege} on ${object} to ${quoteIdentifier(role)}`;
  if (kind === '') return [];
  if (kind === 'type') return [grant('usage', `type ${name}`)];
  const query =
    kind === 'sequence' ? lackingSequences(routine === SETS ? 'update' : 'usage') : (QUERIES[kind] ?? TABLES);
  const verb = verbIn(where);
  const { rows } = await db.query<{ object: string; missing: string[] }>(query, [name, role]);
  return rows.map(({ object, missing }) =>
    grant(
      query === TABLES ? tablePrivilege(verb, missing) : missing.join(', '),
      `${query === TABLES ? 'table' : kind} ${object}`,
    ),
  );
}

/** The statement that failed, from PostgreSQL's context, which has the innermost first; undefined if it has none. */
function verbIn(where: string): string | undefined {
  const [, form, verb = ''] =
    /^(SQL statement|(?:SQL|PL\/pgSQL) (?:expression|assignment)|SQL function) "\s*(\w*)/m.exec(where) ?? [];
  if (form === undefined) return undefined;
  const isWrite = form === 'SQL statement' && /^(?:insert|update|delete)$/i.test(verb);
  return isWrite ? verb.toLowerCase() : 'select';
}

function tablePrivilege(verb: string | undefined, missing: readonly string[]): string {
  // An UPDATE or DELETE reads the columns of its condition.
  const needed = verb === 'update' || verb === 'delete' ? ['select', verb] : [verb];
  const lacked = missing.filter((privilege) => needed.includes(privilege));
  // The job's statement, which has no context, inserts first.
  return lacked.length === 0 ? missing[0]! : lacked.join(', ');
}

const TABLES = `select object, missing from (
    select format('%I.%I', n.nspname, c.relname) as object, array(select privilege
      from unnest('{insert,select,update,delete}'::text[]) with ordinality each(privilege, at)
      where not has_table_privilege($2::name, c.oid, privilege) order by at) as missing
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')) tables
  where cardinality(missing) > 0 order by object`;

/** The function of PostgreSQL that refuses setval, which needs UPDATE; with USAGE, all others work. */
const SETS = 'do_setval';

const lackingSequences = (privilege: 'update' | 'usage') =>
  `select format('%I.%I', n.nspname, c.relname) as object, array['${privilege}'] as missing
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relname = $1 and c.relkind = 'S' and not has_sequence_privilege($2::name, c.oid, '${privilege}') order by 1`;
const FUNCTIONS = `select ${FUNCTION} as object,
    array['execute'] as missing
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where p.proname = $1 and not has_function_privilege($2::name, p.oid, 'EXECUTE') order by p.oid`;

const SCHEMAS = `select quote_ident($1) as object, array['usage'] as missing where $2 <> ''`;

/** How to find what a name means, because PostgreSQL's message lacks the schema. */
const QUERIES: Readonly<Record<string, string>> = {
  function: FUNCTIONS,
  procedure: FUNCTIONS,
  schema: SCHEMAS,
};

/** The name of a setting in a message, in the quotation marks of any language. */
const QUOTED = /[\p{Pi}\p{Pf}\p{Ps}"]\s*([^\s\p{Pi}\p{Pf}\p{Pe}"]+)\s*[\p{Pi}\p{Pf}\p{Pe}"]/u;

/** A role's setting for this database; a pool's connections know it once they are opened again. */
async function unset(db: Db, message: string, cause: Denied['cause']): Promise<Failure> {
  const { rows } = await db.query<{ role: string; database: string; parameter: string }>(
    `select current_user::text as role, current_database()::text as database,
       (select string_agg(quote_ident(part), '.' order by at) from unnest(string_to_array($1, '.')) with ordinality each(part, at)) as parameter`,
    [QUOTED.exec(message)?.[1] ?? '…'],
  );
  const { role, database, parameter } = rows[0]!;
  return new Failure(
    'target_denied',
    `the rules of the table (a default, a policy, a trigger) need a setting that the database role lacks: ${message}; set it for the role: alter role ${quoteIdentifier(role)} in database ${quoteIdentifier(database)} set ${parameter} to '…'; then restart the daemon and retry the job. No row was rejected for it`,
    { cause },
  );
}
