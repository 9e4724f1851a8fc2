/** Turns error answers of the daemon into errors for people, with an exit code and a next step. */
import type { Problem, ProblemCode } from '@csvjobs/shared';
import type { TokenSteps } from '../config/tokenSteps.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError, withNext } from '../userError.js';
import { parseJson } from './parseJson.js';

/** The next step after `same_file`. */
export const AGAIN = 'to load the file all the same, run the command with --again instead of --once';

/** How the daemon was asked. */
export interface Asked {
  url: URL;
  token: string | undefined;
  /** What to do if the daemon refuses the token. */
  tokenSteps: TokenSteps;
}

interface Meaning {
  exitCode: ExitCode;
  /** Replaces the daemon's own words if they are meant for people who write requests. */
  why?: string;
  next?: string;
}

/** For codes that are not in this table, the status decides. */
const MEANINGS: Partial<Record<ProblemCode, Meaning>> = {
  file_empty: { exitCode: EXIT.usage },
  file_not_text: { exitCode: EXIT.usage },
  header_invalid: { exitCode: EXIT.usage, next: "correct the file's first line and upload it again" },
  spec_invalid: {
    exitCode: EXIT.usage,
    next: 'correct the spec; csvjobs describe <table> --spec prints one that works',
  },
  spec_mismatch: { exitCode: EXIT.usage, next: 'csvjobs describe <table>' },
  key_unusable: { exitCode: EXIT.usage, next: 'csvjobs describe <table>' },
  file_invalid: { exitCode: EXIT.usage },
  file_too_large: { exitCode: EXIT.usage, next: 'split the file, each part with the header line' },
  same_file: { exitCode: EXIT.usage, next: AGAIN },
  job_not_found: {
    exitCode: EXIT.usage,
    why: 'the ID may be mistyped or belong to another daemon, or the job was deleted, by a person or after RETAIN_JOBS of the daemon',
    next: 'csvjobs list',
  },
  // The command that helps depends on the state of the job: commands/refusedJob.ts.
  job_state_conflict: { exitCode: EXIT.usage },
  nothing_to_undo: { exitCode: EXIT.usage },
  undo_not_kept: { exitCode: EXIT.usage },
  undo_impossible: { exitCode: EXIT.usage },
  undo_refused: { exitCode: EXIT.usage },
  table_name_invalid: { exitCode: EXIT.usage, next: 'csvjobs tables' },
  table_not_found: { exitCode: EXIT.usage, next: 'csvjobs tables' },
  table_ambiguous: { exitCode: EXIT.usage, next: 'csvjobs tables' },
  table_not_allowed: { exitCode: EXIT.unauthorised, next: 'csvjobs tables' },
  table_no_rights: { exitCode: EXIT.usage, next: 'have the right granted, then run the command again' },
  table_takes_no_rows: { exitCode: EXIT.usage, next: 'csvjobs tables' },
  bad_request: { exitCode: EXIT.usage },
  unauthorised: { exitCode: EXIT.unauthorised },
  // The next command depends on where the token comes from: config/tokenSteps.ts.
  forbidden: { exitCode: EXIT.unauthorised },
  too_many_requests: { exitCode: EXIT.unreachable, next: 'wait a moment and run the command again' },
  too_many_uploads: { exitCode: EXIT.unreachable, next: 'wait a moment and run the command again' },
  too_many_held: {
    exitCode: EXIT.unreachable,
    next: 'csvjobs list --status held, then csvjobs accept <id> or csvjobs discard <id>',
  },
  too_many_reports: { exitCode: EXIT.unreachable, next: 'wait a moment and run the command again' },
  queue_full: {
    exitCode: EXIT.unreachable,
    next: 'wait until jobs are done (csvjobs list), then upload again',
  },
  source_not_allowed: {
    exitCode: EXIT.unauthorised,
    next: 'name the bucket in SOURCE_BUCKETS of the daemon, or upload the file itself',
  },
  source_missing: { exitCode: EXIT.usage, next: 'check the address' },
  source_changed: { exitCode: EXIT.usage, next: 'upload the object again' },
  file_gone: { exitCode: EXIT.usage, next: 'upload the file again' },
  host_not_allowed: {
    exitCode: EXIT.unauthorised,
    next: 'use a host name that the daemon accepts (ALLOWED_HOSTS)',
  },
  token_conflict: { exitCode: EXIT.usage, next: 'csvjobs token list' },
  webhook_not_found: { exitCode: EXIT.usage, next: 'csvjobs webhooks list' },
  webhook_disabled: { exitCode: EXIT.usage, next: 'csvjobs webhooks list' },
  schema_not_found: { exitCode: EXIT.usage, next: 'create the schema in PostgreSQL, or choose another' },
  too_many_streams: { exitCode: EXIT.unreachable, next: 'wait a moment and run the command again' },
  rows_locked: {
    exitCode: EXIT.unreachable,
    next: 'run the command again when the other transaction has ended',
  },
  unavailable: { exitCode: EXIT.unreachable, next: 'csvjobs doctor' },
  disk_full: {
    exitCode: EXIT.unexpected,
    next: 'free some space on the disk of the daemon (UPLOAD_DIR), then upload again',
  },
  internal: { exitCode: EXIT.unexpected, next: 'csvjobs daemon logs' },
};

/**
 * The error for an answer that is not a success.
 * @param status HTTP status
 * @param body the answer's body; a problem of RFC 9457 when it is from a csvjobs daemon
 */
export async function answerError(status: number, body: string, asked: Asked): Promise<UserError> {
  // Loads zod only when there is something to check.
  const { problemSchema } = await import('@csvjobs/shared');
  const problem = problemSchema.safeParse(parseJson(body)).data;
  if (!problem) return notUnderstood(asked.url, `it answered HTTP ${status}${excerpt(body)}`, status);
  if (problem.code === 'unauthorised') return tokenError(asked);
  const error = problemError(problem);
  // A daemon behind a path answers there; this one does not.
  if (problem.code === 'not_found' && asked.url.pathname !== '/') return withNext(error, asked.url.origin);
  return problem.code === 'forbidden' ? withNext(error, asked.tokenSteps.insufficient) : error;
}

function tokenError({ url: { origin }, token, tokenSteps }: Asked): UserError {
  return new UserError({
    code: 'unauthorised',
    exitCode: EXIT.unauthorised,
    what:
      token !== undefined
        ? `The daemon at ${origin} does not accept this token`
        : `The daemon at ${origin} requires a token`,
    why:
      token !== undefined
        ? 'it may be mistyped, revoked, or belong to another daemon (csvjobs config list shows its source)'
        : 'its admin creates one with: csvjobs token create --name <name>',
    next: tokenSteps.unknown,
  });
}

/** The error for a problem of RFC 9457. */
export function problemError(problem: Problem): UserError {
  const { status } = problem;
  const meaning = MEANINGS[problem.code as ProblemCode] ?? { exitCode: byStatus(status) };
  const [why, next = meaning.next] =
    problem.code === 'file_not_text' ? kindAndAdvice(problem) : [withoutTitle(problem)];
  const request = problem.requestId === undefined ? '' : ` (request ${clean(problem.requestId)})`;
  return new UserError({
    code: problem.code,
    exitCode: meaning.exitCode,
    what: clean(problem.title),
    why: (meaning.why ?? why) + (status >= 500 ? request : ''),
    next,
    options: problem.options,
  });
}

/** The detail of `file_not_text` names the kind of file, then says how to get a CSV file from it. */
function kindAndAdvice(problem: Problem): [string, string | undefined] {
  const [kind, ...advice] = withoutTitle(problem).split(': ');
  return [kind!, advice.length > 0 ? advice.join(': ') : undefined];
}

/** Says what happened only once: a detail may start with the title, because a job shows only the detail. */
function withoutTitle({ title, detail }: Problem): string {
  if (!detail.startsWith(`${title}: `)) return clean(detail);
  return clean(detail.slice(title.length + 2));
}

/**
 * The error for an answer that is not from a csvjobs daemon of this version: a proxy, another service, another version.
 */
export function notUnderstood(url: URL, why: string, status = 200): UserError {
  const gone = status === 502 || status === 503 || status === 504;
  return new UserError({
    code: gone ? 'daemon_unreachable' : 'answer_not_understood',
    exitCode:
      status === 401 || status === 403 ? EXIT.unauthorised : gone ? EXIT.unreachable : EXIT.unexpected,
    what: `What answers at ${url.origin} is not a csvjobs daemon that this version can use`,
    why,
    next: 'check the address (csvjobs config list), then run: csvjobs doctor',
  });
}

function byStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.unauthorised;
  if (status === 429 || status === 503) return EXIT.unreachable;
  return status < 500 ? EXIT.usage : EXIT.unexpected;
}

function excerpt(body: string): string {
  const text = clean(
    body
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return text === '' ? '' : `: ${text.slice(0, 120)}${text.length > 120 ? '…' : ''}`;
}
