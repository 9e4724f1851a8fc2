/**
 * Errors about what the database role lacks: a privilege, or a setting that the table's rules read (`current_setting` in a
 * DEFAULT or a policy). Nothing in a row causes them, so they end the job: the same row is accepted once the role has it.
 * A violated row security policy has the same SQLSTATE, and so may an error that a trigger raises, but those are about the
 * row. So is an error of a statement that a trigger composes (EXECUTE), because the row may name the table in it.
 */
import { Failure } from '../../failure.js';

const INSUFFICIENT_PRIVILEGE = '42501';
const UNDEFINED_OBJECT = '42704';

/**
 * Functions of PostgreSQL that raise them, because its messages may be in any language: aclcheck_error, aclcheck_error_col and
 * aclcheck_error_type; those of nextval, setval, currval and lastval; and that for a setting. A large object, whose number is a
 * value of a row, is refused by another one.
 */
const DENIES = /^(?:aclcheck_error|(?:nextval_internal|do_setval|currval_oid|lastval)$)/;
const FINDS_SETTING = /^(?:find_option|GetConfigOptionByName)$/;

/**
 * The function of postgres_fdw that passes on what the foreign server says: with its SQLSTATE, but not with the function that raised
 * it. So only the words tell a missing privilege from a policy of the foreign table, which is about the row.
 */
const PASSES_ON = 'pgfdw_report_error';
const SAYS_DENIED = /^permission denied /;

/** In a line of PostgreSQL's context, in any language: the statement of a PL/pgSQL function. These two are never translated. */
const statement = (verb: string) => `^(?=.*PL/pgSQL).*[^A-Za-z0-9_"]${verb}(?![A-Za-z0-9_"])`;

/** A statement that PL/pgSQL composes. */
const COMPOSED = statement('EXECUTE');

/**
 * Code of a PL/pgSQL loop: rethrows the caught error if it may be about what the role lacks. The loop does not see which function
 * of PostgreSQL raised it, so `runLoop` decides.
 * @param state the variable with the SQLSTATE
 * @param context a variable to use
 * @param isUnknown SQL condition: the message is none that was found to be about a row
 */
export function rethrowDenied(state: string, context: string, isUnknown: string): string {
  return `if ${state} in ('${INSUFFICIENT_PRIVILEGE}', '${UNDEFINED_OBJECT}') and ${isUnknown} then
            get stacked diagnostics ${context} = pg_exception_context;
            if split_part(${context}, e'\\n', 1) !~ '${statement('RAISE')}' and ${context} !~ '(?n)${COMPOSED}' then raise; end if;
          end if;`;
}

/** Fields of PostgreSQL's error, named as in `pg`. */
export interface Said {
  code?: string;
  message?: string;
  where?: string;
  routine?: string;
}

/** Whether an error is about what the user of a foreign server lacks there. */
export function isDeniedThere({ code, routine, message = '' }: Said): boolean {
  return code === INSUFFICIENT_PRIVILEGE && routine === PASSES_ON && SAYS_DENIED.test(message);
}

/** Whether an error is about what the role lacks, here or on a foreign server. */
export function isDenied(error: unknown): boolean {
  const { code, where = '', routine = '' } = error as Said;
  const isLack =
    isDeniedThere(error as Said) ||
    (code === INSUFFICIENT_PRIVILEGE && DENIES.test(routine)) ||
    (code === UNDEFINED_OBJECT && FINDS_SETTING.test(routine));
  return isLack && !new RegExp(COMPOSED, 'm').test(where);
}

/** Whether a denial is about a setting. */
export function isUnset({ code }: Said): boolean {
  return code === UNDEFINED_OBJECT;
}

/** Whether an error that a loop has rethrown may turn out to be about a row: it has the SQLSTATE of a missing right or setting. */
export function mayBeOfRow(error: unknown): boolean {
  const { code } = error as Said;
  return code === INSUFFICIENT_PRIVILEGE || code === UNDEFINED_OBJECT;
}

/** An error about what the role lacks, raised by the target's own rules. `explainDenied` says how to give it. */
export class Denied extends Failure {
  override readonly cause: Said;

  constructor(error: Said) {
    super('target_denied', error.message ?? '', { cause: error });
    this.cause = error;
  }
}
