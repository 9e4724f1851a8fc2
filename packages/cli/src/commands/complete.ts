/** Suggestions for shell completion (`csvjobs __complete`): how to continue the words typed so far. */
import type { JobStatus, JobSummary } from '@csvjobs/shared';
import { JOB_STATUSES } from '@csvjobs/shared/paths';
import { quoteIfNeeded, writeTableName } from '@csvjobs/shared/rules';
import type { Suggestion, Unfinished } from '../commandLine/unfinished.js';
import { completionTimeout } from '../config/environment.js';
import { SETTING_NAMES } from '../config/settings.js';
import { storedProfiles } from '../config/userFile.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { shortId } from '../jobId.js';
import { anySignal } from '../signals.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { JOB_FIELDS } from '../text/jobTable.js';
import { clean, parseDuration } from '../text/text.js';

/** Default time to wait for a daemon, in milliseconds: with a longer wait, Tab feels broken. */
const PATIENCE = 1_000;

/** Maximum number of jobs to suggest, newest first. */
const JOBS = 50;

/** Statuses of the jobs that a command applies to; commands not listed here apply to all. */
const STATUSES: Record<string, readonly JobStatus[]> = {
  cancel: ['pending', 'processing', 'held'],
  accept: ['held'],
  discard: ['held'],
  retry: ['failed', 'cancelled', 'undone'],
  undo: ['completed', 'failed', 'cancelled'],
  delete: ['completed', 'failed', 'cancelled', 'undone'],
  fix: ['completed', 'failed', 'cancelled'],
};

/** Common encodings; the daemon knows more. */
const ENCODINGS = [
  ...['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-15', 'windows-1250', 'windows-1251'],
  ...['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'],
];

/** The values of a placeholder that need no daemon, for a command. */
const KNOWN: Partial<Record<string, (command: string) => readonly string[]>> = {
  encoding: () => ENCODINGS,
  profile: storedProfiles,
  // A token is stored by `csvjobs login`, so that it is in no history.
  setting: (command) => SETTING_NAMES.filter((name) => command !== 'config set' || name !== 'token'),
};

/** What is written in place of an ID, and what it means. */
const NEWEST: readonly (Suggestion & { status?: JobStatus })[] = [
  { value: '@last', about: 'the newest job of this machine' },
  ...(['failed', 'completed', 'held'] as const).map((status) => ({
    value: `@last:${status}`,
    about: `the newest job that is ${status}`,
    status,
  })),
];

/**
 * Prints a line for each suggestion, with its description after a tab; `:files` if the shell should complete file
 * names. If the daemon is away or refuses access, prints no suggestion and no error.
 */
export async function complete(
  context: Context,
  { wanted, typed, before }: Pick<Unfinished, 'wanted' | 'typed' | 'before'>,
  inShell: (value: string, typed: string) => string | undefined = (value) => value,
): Promise<ExitCode> {
  const { out } = context;
  if ('placeholder' in wanted && wanted.placeholder === 'file') {
    out.line(':files');
    return EXIT.done;
  }
  const found = 'oneOf' in wanted ? wanted.oneOf : await suggested(context, wanted, typed).catch(() => []);
  for (const { value, about } of found) {
    const word = inShell(value, typed);
    if (word !== undefined && (word.startsWith(typed) || value.startsWith(typed)))
      out.line(`${before}${word}${about ? `\t${clean(about)}` : ''}`);
  }
  return EXIT.done;
}

async function suggested(
  context: Context,
  { placeholder, command, operands }: Extract<Unfinished['wanted'], { placeholder: string }>,
  typed: string,
): Promise<Suggestion[]> {
  if (placeholder === 'id') return jobs(context, command, operands, typed);
  if (placeholder === 'status') return listOf(JOB_STATUSES, typed);
  if (placeholder === 'columns' && command === 'list') return listOf(JOB_FIELDS, typed);
  const known = KNOWN[placeholder]?.(command);
  if (known) return known.map((value) => ({ value }));
  if (placeholder === 'token') {
    const tokens = await (await context.client()).tokens();
    return tokens.map(({ name, scope }) => ({ value: name, about: scope }));
  }
  if (placeholder === 'endpoint') {
    const { endpoints } = await (await context.client()).webhooks({ limit: 1 }, patience(context));
    return endpoints.map(({ name, origin }) => ({ value: name, about: origin }));
  }
  if (placeholder === 'delivery') {
    const { deliveries } = await (await context.client()).webhooks({ limit: JOBS }, patience(context));
    return deliveries
      .filter(({ id, status }) => status !== 'pending' && !operands.includes(id))
      .map(({ id, type, endpoint, status }) => ({ value: id, about: `${status}, ${type} to ${endpoint}` }));
  }
  if (placeholder === 'table') {
    const tables = await (await context.client()).tables(patience(context));
    return tables.map((table) => {
      const value = writeTableName(table);
      // Also without its schema, if the name alone is unambiguous.
      const isAlone = tables.filter(({ name }) => name === table.name).length === 1;
      const short = quoteIfNeeded(table.name);
      return { value: !value.startsWith(typed) && isAlone ? short : value, about: table.kind };
    });
  }
  if (placeholder === 'output') {
    const { OUTPUT_SCHEMAS } = await import('@csvjobs/shared');
    return Object.entries(OUTPUT_SCHEMAS).map(([value, { about }]) => ({ value, about }));
  }
  return [];
}

async function jobs(
  context: Context,
  command: string,
  operands: readonly string[],
  typed: string,
): Promise<Suggestion[]> {
  // They need no daemon, and the IDs are what is wanted more often.
  if (typed.startsWith('@'))
    return NEWEST.filter(({ status }) => !status || (STATUSES[command] ?? [status]).includes(status));
  const client = await context.client();
  const newest = await client.summaries({
    status: STATUSES[command],
    limit: JOBS,
    signal: patience(context),
  });
  return newest
    .filter(({ id, failedCount }) => !operands.includes(id) && (command !== 'errors' || failedCount > 0))
    .map((job) => ({
      value: idFor(job, newest, typed),
      about: `${job.status}, ${fileAndTable(job.filename, job.table)}`,
    }))
    .filter(({ value }) => !operands.includes(value));
}

/** Aborts when a shell has waited long enough. */
function patience({ signal }: Context): AbortSignal {
  return anySignal([signal, AbortSignal.timeout(parseDuration(completionTimeout() ?? '') ?? PATIENCE)]);
}

/** The short ID, unless the user has already typed more than that. */
function idFor({ id }: JobSummary, newest: readonly JobSummary[], typed: string): string {
  const short = shortId(id, newest);
  return short.startsWith(typed) ? short : id;
}

/** Words separated by commas; the text before the last comma stays. */
function listOf(words: readonly string[], typed: string): Suggestion[] {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1);
  return words.filter((word) => !before.split(',').includes(word)).map((word) => ({ value: before + word }));
}
