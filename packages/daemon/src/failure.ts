/** What went wrong, in a form that can be stored, shown and used for decisions. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable and in snake_case: scripts compare it. */
  readonly code: string;
  /** Whether the same work may succeed when it is retried without any change. */
  readonly retryable: boolean;
  /** Command-line options with which the same file is accepted. */
  readonly options: readonly string[] | undefined;
  /** The message if the job has loaded rows that stay; by default `message`. */
  readonly messageIfLoaded: string | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      retryable?: boolean;
      cause?: unknown;
      options?: readonly string[] | undefined;
      messageIfLoaded?: string;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.options = options.options;
    this.messageIfLoaded = options.messageIfLoaded;
  }
}

/** Codes of failures whose message quotes the file: suitable for its sender, not for a log. */
const QUOTING = new Set([
  'header_invalid',
  'spec_mismatch',
  'key_unusable',
  'file_invalid',
  'encoding_undetermined',
]);

/** Whether a failure's message may contain values of the file. */
export function quotesFile(code: string): boolean {
  return QUOTING.has(code);
}

/** Maps an error's `code` to a failure that a retry may pass: the problem is temporary, or a person can fix it. */
interface Rule {
  matches: RegExp;
  code: string;
  message: string;
}

/** Codes of a refused login or privilege: a person has to correct the daemon's configuration or the server. */
const REFUSALS = new Set(['database_refused', 'database_missing', 'database_tls', 'database_rights']);

/**
 * Whether PostgreSQL refuses the daemon itself. At startup that is an error of the configuration; later, such as while
 * a password is being changed, it passes like an outage.
 */
export function refusesDaemon(code: string): boolean {
  return REFUSALS.has(code);
}

/** Errors with a known reason, by SQLSTATE (PostgreSQL, appendix A) or errno. All others are permanent. */
const RULES: readonly Rule[] = [
  { matches: /^08/, code: 'database_unreachable', message: 'the connection to PostgreSQL broke' },
  {
    matches: /^(57P0[123]|57014)$/,
    code: 'database_unreachable',
    message: 'PostgreSQL ended the connection',
  },
  {
    matches: /^(25P0[34]|57P05)$/,
    code: 'database_unreachable',
    message: 'PostgreSQL ended a connection that was idle',
  },
  {
    matches: /^25006$/,
    code: 'database_read_only',
    message: 'PostgreSQL accepts no writes here, like a hot standby; connect to the primary',
  },
  {
    matches: /^28/,
    code: 'database_refused',
    message: 'PostgreSQL refuses the role or its password (DATABASE_URL, or DB_USER and DB_PASSWORD)',
  },
  {
    matches: /^3D000$/,
    code: 'database_missing',
    message: 'there is no such database (DATABASE_URL, or DB_NAME); create it with createdb',
  },
  {
    matches: /^42501$/,
    code: 'database_rights',
    message: 'the database role lacks a privilege that csvjobs needs',
  },
  { matches: /^40/, code: 'transaction_conflict', message: 'two transactions conflicted' },
  { matches: /^55P03$/, code: 'transaction_conflict', message: 'could not get a lock in time' },
  { matches: /^53100$/, code: 'database_disk_full', message: 'the disk of PostgreSQL is full' },
  { matches: /^53/, code: 'database_overloaded', message: 'PostgreSQL is out of memory or connections' },
  { matches: /^58/, code: 'database_io_error', message: 'PostgreSQL could not read or write its files' },
  {
    matches: /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/,
    code: 'database_unreachable',
    message: 'PostgreSQL cannot be reached',
  },
  {
    matches: /^(EMFILE|ENFILE|EAGAIN|ENOMEM|EBUSY)$/,
    code: 'system_overloaded',
    message: 'the system is out of a resource',
  },
];

/**
 * Returns the failure if PostgreSQL, whose own connection works, cannot reach another server (postgres_fdw, dblink): it reports class
 * 08 as an ERROR. 08P01 is about the protocol between it and csvjobs.
 */
function ofForeignServer(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, code, severity, detail } = error as Error & Record<string, string | undefined>;
  if (severity !== 'ERROR' || !/^08(?!P01)/.test(code ?? '')) return undefined;
  const why = detail === undefined ? '' : ` (${detail.trim()})`;
  return new Failure(
    'foreign_server_unreachable',
    `the connection of PostgreSQL to a foreign server broke: ${message}${why}`,
    { retryable: true, cause: error },
  );
}

/**
 * pg gives these no code: the connection was cut, or could not be opened in time. ENOENT on connecting means
 * a server behind a Unix socket that does not exist now.
 */
const LOST_CONNECTION =
  /^connect ENOENT|connection (terminated|error)|connection timeout|timeout exceeded when trying to connect|not queryable|server closed the connection/i;

/**
 * Messages of errors (XX000, not translated) about something that a statement found in the catalog, and that another transaction
 * had dropped when it was looked up: an index, a constraint, a column.
 */
const DROPPED_MEANWHILE =
  /^(could not open relation with OID|could not find tuple for|cache lookup failed for) /;

/** Returns any error as a Failure, with its `cause`; a Failure stays unchanged. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const foreign = ofForeignServer(error);
  if (foreign) return foreign;
  const { code, message } = described(error);
  const rule =
    RULES.find((each) => each.matches.test(code)) ??
    (LOST_CONNECTION.test(message) ? RULES.find((each) => each.code === 'database_unreachable') : undefined);
  if (rule) {
    return new Failure(rule.code, `${rule.message}: ${message}`, { retryable: true, cause: error });
  }
  return new Failure('unexpected', message || 'an error without a message', { cause: error });
}

/**
 * The code and message of any thrown value; of several errors (Node tries each address of a host), the first.
 */
function described(error: unknown): { code: string; message: string } {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  if (!(first instanceof Error)) return { code: '', message: String(first) };
  const { code, syscall, message } = first as NodeJS.ErrnoException;
  if (typeof code !== 'string') return { code: '', message };
  // When PostgreSQL is down, its Unix socket does not exist. For a file, ENOENT is permanent.
  if (code === 'ENOENT' && syscall === 'connect') return { code: 'ECONNREFUSED', message };
  // A standby reports feature_not_supported if our transactions ask for read write (settings.ts).
  const { routine } = first as { routine?: string };
  if (code === '0A000' && routine === 'call_bool_check_hook') return { code: '25006', message };
  // The role may not connect to the database: refused at the login, unlike a statement that lacks a privilege.
  const { severity } = first as { severity?: string };
  if (code === '42501' && severity === 'FATAL') return { code: '28000', message };
  if (code === 'XX000' && DROPPED_MEANWHILE.test(message)) return { code: '40001', message };
  return { code, message };
}

/** What to do about a job that cannot continue: another upload loads the records again that this one has loaded. */
export const NONE_LOADED = 'This job has not changed the table: upload the file again';
export const SOME_LOADED =
  'Rows that this job has loaded stay: upload the file again only where a key of the table refuses them, or take them out of the table or of the file first (csvjobs show says how many records are done)';
