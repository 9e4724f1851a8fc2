/**
 * What csvjobs relies on in a session of PostgreSQL, in one place.
 *
 * A role, a database or whoever used a pooled connection before may have set any of it differently (ALTER ROLE … SET).
 * So every transaction sets it again, for itself alone: behind a pooler in transaction mode the session is not ours,
 * and the next transaction on it may be another application's. A startup parameter would not do: PgBouncer refuses
 * those that it does not know (config.html, ignore_startup_parameters).
 */

/** Parameters (PostgreSQL, chapter 19) that must have these values for our statements to mean what they say. */
const SETTINGS: Readonly<Record<string, string>> = {
  // How values are read and written: node-postgres reads ISO dates only.
  datestyle: 'ISO, YMD',
  timezone: 'UTC',
  bytea_output: 'hex',
  // Below 1 the text of a float is not its value.
  extra_float_digits: '1',
  // Of one simple query all constants are read before any of this is set: one with a backslash is written as E'…' there.
  standard_conforming_strings: 'on',
  // How the text of a file is read: under another style `-1 day 02:00` has a minus before its hours as well, without nulls
  // `{NULL}` is a word of four letters, and as a document an xml value without a root is refused.
  intervalstyle: 'postgres',
  array_nulls: 'on',
  xmloption: 'content',
  // Off, each statement on a table with a row security policy fails instead of applying it.
  row_security: 'on',
  // How long we wait is our own decision (see silence.ts, lanes.ts). A load may take hours.
  statement_timeout: '0',
  lock_timeout: '0',
};

/** Parameters that came with a later version than the oldest that we work with; an older server refuses them. */
const SINCE: readonly { version: number; settings: Readonly<Record<string, string>> }[] = [
  { version: 17, settings: { transaction_timeout: '0' } },
];

/**
 * Only where a transaction has more than one statement can it be idle: of ours, which wait for nobody between two, only because
 * its process was stopped or its host is gone. What it has locked must not stay locked for others.
 */
const BETWEEN_STATEMENTS = { idle_in_transaction_session_timeout: '60s' };

/**
 * Read committed, because each statement must see what other jobs have committed: under serializable a load failed 40
 * times before it went through. Read write, because a role may be read only by default.
 */
const MODE = 'isolation level read committed, read write';

/** The statements with which a transaction of ours begins. */
export interface Opening {
  /** Opens a transaction that the caller ends; in one simple query. */
  begin: string;
  /** Rolls one back and opens the next, of the same mode; in one simple query. */
  beginAnew: string;
  /** For one query that is a transaction by itself, in front of it: simple protocol. */
  simple: string;
  /** How many commands `simple` has. */
  simpleCommands: number;
  /** For one query that is a transaction by itself, in front of it: extended protocol, one after the other. */
  extended: readonly string[];
}

/**
 * @param serverVersion the major version of PostgreSQL; 0 where it is not known, which sets what every version has
 * @param searchPath as in `set search_path to …`; by default that of the role
 */
export function opening(serverVersion: number, searchPath: string | undefined): Opening {
  const newer = SINCE.filter(({ version }) => serverVersion >= version).map(({ settings }) => settings);
  const settings: Record<string, string> = Object.assign({}, SETTINGS, ...newer);
  if (searchPath !== undefined) settings.search_path = searchPath;
  const set = assignments(settings);
  const config = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', '${value.replaceAll("'", "''")}', true)`,
  );
  const mode = `set transaction ${MODE}`;
  const whole = [...set, ...assignments(BETWEEN_STATEMENTS)];
  return {
    begin: [`begin ${MODE}`, ...whole].join(';'),
    beginAnew: ['rollback and chain', ...whole].join(';'),
    simple: [mode, ...set, ''].join(';'),
    simpleCommands: 1 + set.length,
    // SET TRANSACTION as the first statement would be a warning in the server's log, and one behind a SELECT too late.
    extended: ['show transaction_isolation', mode, `select ${config.join(', ')}`],
  };
}

/** A list of names is written as it is; everything else is one string. */
function assignments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(
    ([name, value]) => `set local ${name} to ${name === 'search_path' ? value : `'${value}'`}`,
  );
}
