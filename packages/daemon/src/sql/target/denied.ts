/**
 * Errors about what the database role lacks: a privilege, or a setting that the table's rules ask for (`current_setting`
 * in a DEFAULT or a policy). Nothing in a row causes them, so they end the job: the same row is accepted once the role has it. A violated row security policy has the same SQLSTATE, and so may an error
 * that a trigger raises, but those are about the row.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';

const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_OBJECT = '42704';

/** PostgreSQL's words (aclcheck_error in src/backend/catalog/aclchk.c): `permission denied for function f`. */
const DENIED_START = 'permission denied for ';
const DENIED = /^permission denied for (?:(?:materialized |foreign )?(\w+)) (.+)$/;

const UNSET_START = 'unrecognized configuration parameter ';

/**
 * Code of a PL/pgSQL loop: rethrows the caught error if it is about what the role lacks.
 * @param state the variable with the SQLSTATE
 * @param says the variable with the message
 * @param context a variable to use
 */
export function rethrowDenied(state: string, says: string, context: string): string {
  return `if ${state} = '${INSUFFICIENT_PRIVILEGE}' and ${says} like '${DENIED_START}%'
            or ${state} = '${UNDEFINED_OBJECT}' and ${says} like '${UNSET_START}%' then
            get stacked diagnostics ${context} = pg_exception_context;
            if split_part(${context}, e'\\n', 1) not like '% at RAISE' then raise; end if;
          end if;`;
}

/** Fields of PostgreSQL's error, named as in `pg`. */
interface Said {
  code?: string;
  message?: string;
  where?: string;
}

/** Whether an error is about what the role lacks, like `rethrowDenied`. */
export function isDenied(error: unknown): boolean {
  const { code, message = '', where = '' } = error as Said;
  const isDenied = code === INSUFFICIENT_PRIVILEGE && message.startsWith(DENIED_START);
  if (!isDenied && !(code === UNDEFINED_OBJECT && message.startsWith(UNSET_START))) return false;
  return !where.split('\n', 1)[0]!.endsWith(' at RAISE');
}

/** An error about what the role lacks, raised by the target's own rules. `explainDenied` says how to give it. */
export class Denied extends Failure {
  override readonly cause: Said;

  constructor(error: Said) {
    super('target_denied', error.message ?? '', { cause: error });
    this.cause = error;
  }
}

/** Runs a statement that writes rows of the target. @throws {Denied} for an error that `isDenied` */
export async function unlessDenied<T>(statement: Promise<T>): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    throw isDenied(error) ? new Denied(error as Said) : error;
  }
}

/** Adds the statement that gives the role what it lacks. */
export async function explainDenied(db: Db, { cause }: Denied): Promise<Failure> {
  const { message = '', where = '' } = cause;
  if (message.startsWith(UNSET_START)) return unset(db, message, cause);
  const [, kind = '', name = ''] = DENIED.exec(message) ?? [];
  const { rows } = await db.query<{ role: string; named: string[] }>(NAMED[kind] ?? UNNAMED, [name]);
  const { role, named } = rows[0]!;
  const privilege = PRIVILEGES[kind] ?? privilegeFor(where);
  const object = NAMED[kind] === undefined ? 'table' : kind;
  const grants = named.map(
    (each) => `grant ${privilege} on ${KEYWORDS[object] ?? object} ${each} to ${quoteIdentifier(role)}`,
  );
  const way =
    grants.length === 0
      ? 'its owner can grant the privilege'
      : `its owner can grant it: ${grants.join('; or ')}`;
  return new Failure(
    'target_denied',
    `the rules of the table (a check, a trigger, a view) need a privilege that the database role lacks: ${message}; ${way}. No row was rejected for it: then retry the job`,
    { cause },
  );
}

/** A role's setting for this database; a pool's connections know it once they are opened again. */
async function unset(db: Db, message: string, cause: Said): Promise<Failure> {
  const { rows } = await db.query<{ role: string; database: string }>(
    'select current_user::text as role, current_database()::text as database',
  );
  const { role, database } = rows[0]!;
  const parameter = message.slice(UNSET_START.length).replaceAll('"', '');
  return new Failure(
    'target_denied',
    `the rules of the table (a default, a policy, a trigger) need a setting that the database role lacks: ${message}; set it for the role: alter role ${quoteIdentifier(role)} in database ${quoteIdentifier(database)} set ${parameter} to '…'. No row was rejected for it: then restart the daemon and retry the job`,
    { cause },
  );
}

const PRIVILEGES: Readonly<Record<string, string>> = {
  function: 'execute',
  procedure: 'execute',
  schema: 'usage',
  sequence: 'usage',
  type: 'usage',
};

const KEYWORDS: Readonly<Record<string, string>> = { view: 'table', relation: 'table' };

/** The privilege for the statement of a trigger or a function, from PostgreSQL's context; else for a table under a view. */
function privilegeFor(where: string): string {
  const [, verb] = /^SQL statement "\s*(insert|update|delete|select|merge)\b/im.exec(where) ?? [];
  const statement = verb?.toLowerCase() ?? 'insert';
  // An UPDATE or DELETE reads the columns of its condition.
  return statement === 'insert' || statement === 'select' ? statement : `select, ${statement}`;
}

const RELATIONS = `select current_user::text as role, coalesce((
    select array_agg(format('%I.%I', n.nspname, c.relname) order by n.nspname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')), '{}') as named`;
const FUNCTIONS = `select current_user::text as role, coalesce((
    select array_agg(format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) order by p.oid)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.proname = $1 and not has_function_privilege(p.oid, 'EXECUTE')), '{}') as named`;
const UNNAMED = `select current_user::text as role, case when $1 = '' then '{}' else array[quote_ident($1)] end as named`;

/** How to find the objects of a name, because PostgreSQL's message lacks the schema. */
const NAMED: Readonly<Record<string, string>> = {
  table: RELATIONS,
  view: RELATIONS,
  relation: RELATIONS,
  sequence: RELATIONS,
  function: FUNCTIONS,
  procedure: FUNCTIONS,
  schema: UNNAMED,
  type: UNNAMED,
};
