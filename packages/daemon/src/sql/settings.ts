/**
 * The session settings that csvjobs relies on in PostgreSQL, in one place.
 *
 * A role, a database or the previous user of a pooled connection may have changed any of them (ALTER ROLE … SET). So
 * every transaction sets them again, for itself only: behind a pooler in transaction mode the session is not ours,
 * and the next transaction on it may be another application's. A startup parameter would not do: PgBouncer refuses
 * those that it does not know (config.html, ignore_startup_parameters).
 */

/** Parameters (PostgreSQL, chapter 19) that our statements need: to mean what they say, and to take no longer than they must. */
const SETTINGS: Readonly<Record<string, string>> = {
  // How values are read and written: node-postgres reads ISO dates only.
  datestyle: 'ISO, YMD',
  timezone: 'UTC',
  bytea_output: 'hex',
  // Below 1, the text of a float does not have its exact value.
  extra_float_digits: '1',
  // PostgreSQL parses all constants of a simple query before it applies any of these settings. So we write a constant
  // with a backslash as E'…' in such a query.
  standard_conforming_strings: 'on',
  // How texts from a file are read. Under another intervalstyle, `-1 day 02:00` has negative hours too. With
  // array_nulls off, `{NULL}` is a word of four letters. With xmloption `document`, an xml value without a root
  // element is refused.
  intervalstyle: 'postgres',
  array_nulls: 'on',
  xmloption: 'content',
  // If off, each statement on a table with a row security policy fails instead of applying it.
  row_security: 'on',
  // Names in definitions from the catalog have quotes only if they need them.
  quote_all_identifiers: 'off',
  // We decide ourselves how long to wait (see silence.ts, lanes.ts). A load may take hours.
  statement_timeout: '0',
  lock_timeout: '0',
  // Compiling a statement costs more than ours could gain: on PostgreSQL with its defaults, the statement that reads a table
  // from the catalog took 300 to 700 ms of which 270 to 650 were compiling, before every upload and every load.
  jit: 'off',
};

/** Parameters that are newer than the oldest supported version; an older server refuses them. */
const SINCE: readonly { version: number; settings: Readonly<Record<string, string>> }[] = [
  { version: 17, settings: { transaction_timeout: '0' } },
];

/**
 * Only a transaction with several statements can be idle. Ours never wait between statements, so an idle one means
 * that its process was stopped or its host is gone. It must not keep its locks.
 */
const BETWEEN_STATEMENTS = { idle_in_transaction_session_timeout: '60s' };

/**
 * Read committed, because each statement must see what other jobs have committed: under serializable a load failed 40
 * times before it succeeded. Read write, because a role may be read-only by default.
 */
const MODE = 'isolation level read committed, read write';

/** The statements that start our transactions. */
export interface Opening {
  /** Opens a transaction that the caller ends; in one simple query. */
  begin: string;
  /** Rolls one back and opens the next, in the same mode; in one simple query. */
  restart: string;
  /** Sent before a query that is its own transaction: simple protocol. */
  simple: string;
  /** The number of commands in `simple`. */
  simpleCommands: number;
  /** Sent one by one before a query that is its own transaction: extended protocol. */
  extended: readonly string[];
}

/**
 * @param serverVersion the major version of PostgreSQL; 0 if unknown, which uses only the settings that every version
 * has
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
    // With the mode once more: the abort of a failed transaction has given it the role's default, which `chain` keeps.
    restart: ['rollback and chain', mode, ...whole].join(';'),
    simple: [mode, ...set, ''].join(';'),
    simpleCommands: 1 + set.length,
    // SET TRANSACTION as the first statement would log a warning on the server; after a SELECT it would be too late.
    extended: ['show transaction_isolation', mode, `select ${config.join(', ')}`],
  };
}

/** A list of names is written unquoted; everything else is one string. */
function assignments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(
    ([name, value]) => `set local ${name} to ${name === 'search_path' ? value : `'${value}'`}`,
  );
}
