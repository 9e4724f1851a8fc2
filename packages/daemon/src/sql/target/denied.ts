/**
 * Errors about what the database role lacks: a privilege, or a setting that the table's rules read (`current_setting` in a
 * DEFAULT or a policy). Nothing in a row causes them, so they end the job: the same row is accepted once the role has it.
 * A violated row security policy has the same SQLSTATE, and so may an error that a trigger raises, but those are about the
 * row. So is an error of a statement that a trigger composes (EXECUTE), because the row may name the table in it.
 */
import { Failure } from '../../failure.js';

const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_OBJECT = '42704';

/** PostgreSQL's words (aclcheck_error in src/backend/catalog/aclchk.c): `permission denied for function f`. */
const DENIED_START = 'permission denied for ';

/** Its number is a value of a row. */
const LARGE_OBJECT = `${DENIED_START}large object `;

/** How the message begins if a setting is missing. */
export const UNSET_START = 'unrecognized configuration parameter ';

/** Ends the first line of PostgreSQL's context in any language: `PL/pgSQL function f() line 3 at RAISE`. */
const RAISED = ' RAISE';

/** Ends a line of the context for a statement that PL/pgSQL composes. */
const COMPOSED = ' (EXECUTE|FOR over EXECUTE statement)$';

/**
 * Code of a PL/pgSQL loop: rethrows the caught error if it is about what the role lacks.
 * @param state the variable with the SQLSTATE
 * @param says the variable with the message
 * @param context a variable to use
 */
export function rethrowDenied(state: string, says: string, context: string): string {
  return `if ${state} = '${INSUFFICIENT_PRIVILEGE}' and ${says} like '${DENIED_START}%' and ${says} not like '${LARGE_OBJECT}%'
            or ${state} = '${UNDEFINED_OBJECT}' and ${says} like '${UNSET_START}%' then
            get stacked diagnostics ${context} = pg_exception_context;
            if split_part(${context}, e'\\n', 1) not like '%${RAISED}' and ${context} !~ '(?n)${COMPOSED}' then raise; end if;
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
  const isPrivilege =
    code === INSUFFICIENT_PRIVILEGE && message.startsWith(DENIED_START) && !message.startsWith(LARGE_OBJECT);
  if (!isPrivilege && !(code === UNDEFINED_OBJECT && message.startsWith(UNSET_START))) return false;
  return !where.split('\n', 1)[0]!.endsWith(RAISED) && !new RegExp(COMPOSED, 'm').test(where);
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
