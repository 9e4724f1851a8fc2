/** Finds a job by its ID or a unique prefix, by its file, or as the last one. */
import type { Job, JobSummary } from '@csvjobs/shared';
import { isUuid, JOB_STATUSES } from '@csvjobs/shared/paths';
import type { DaemonClient } from './client/daemonClient.js';
import { EXIT } from './exitCodes.js';
import { recentJobs } from './recentJobs.js';
import { fileAndTable } from './text/fileAndTable.js';
import { clean } from './text/text.js';
import { UserError, usageError } from './userError.js';

/** Minimum length of a prefix from `shortId`: enough for 4 billion IDs. */
const SHORT = 8;

/** The newest job that was uploaded from here; `@last:failed` the newest that has failed. */
export const LAST = '@last';

/**
 * Resolves user input: an ID, a unique prefix, `@last`, `@last:<status>`, or the name of a file, which means its newest
 * job. A full ID is not looked up.
 * @throws UserError (exit 2) if no job matches, or several do (the error lists them)
 */
export async function resolveId(client: DaemonClient, text: string): Promise<string> {
  const prefix = text.toLowerCase();
  if (isUuid(prefix)) return prefix;
  if (text.startsWith('@')) return lastJob(client, text);
  if (text.trim() === '')
    throw usageError(
      'The job ID is empty',
      'the upload that should have printed it may have failed',
      'csvjobs list',
    );
  if (/^[\da-f-]+(\s+[\da-f-]+)+\s*$/i.test(text))
    throw usageError(
      'These are several job IDs',
      'this command takes one',
      'run the command once for each ID',
    );
  const jobs = await client.summaries();
  const found = /^[\da-f][\da-f-]{0,35}$/.test(prefix) ? jobs.filter(({ id }) => id.startsWith(prefix)) : [];
  if (found.length === 1 && found[0]) return found[0].id;
  if (found.length > 1) throw ambiguous(prefix, found);
  const name = text.replace(/^.*[\\/]/, '');
  const [newest] = jobs.filter(({ filename }) => filename === text || filename === name);
  if (newest) return newest.id;
  throw new UserError({
    code: 'job_not_found',
    exitCode: EXIT.usage,
    what: `No job matches "${clean(text)}"`,
    why: "neither a job's ID begins with it, nor is it the name of a job's file; it may be mistyped or belong to another daemon, or the job was deleted, by a person or after RETAIN_JOBS of the daemon",
    next: 'csvjobs list',
  });
}

/**
 * The newest job uploaded by this user from this machine, with the given status, if any; otherwise the daemon's newest.
 */
async function lastJob(client: DaemonClient, text: string): Promise<string> {
  const [name, status, ...more] = text.split(':');
  const known = JOB_STATUSES.find((each) => each === status);
  if (name !== LAST || more.length > 0 || (status !== undefined && !known))
    throw usageError(
      `"${clean(text)}" does not name a job`,
      `write ${LAST}, or ${LAST}: and one of ${JOB_STATUSES.join(', ')}`,
      'csvjobs list',
    );
  const own = recentJobs(client.url);
  const jobs = await client.summaries({ status: known && [known], limit: 1_000 });
  const ids = new Set(jobs.map(({ id }) => id));
  const found = own.find((id) => ids.has(id)) ?? jobs[0]?.id;
  if (found !== undefined) return found;
  throw new UserError({
    code: 'job_not_found',
    exitCode: EXIT.usage,
    what: known ? `No ${known} jobs` : 'There are no jobs yet',
    next: known ? 'csvjobs list' : 'csvjobs upload <file> --watch',
  });
}

function ambiguous(prefix: string, found: readonly JobSummary[]): UserError {
  const shown = found
    .slice(0, 10)
    .map(({ id, filename, table, status }) => `${id}  ${status}  ${fileAndTable(filename, table)}`);
  if (found.length > shown.length) shown.push(`… and ${found.length - shown.length} more`);
  return new UserError({
    code: 'id_ambiguous',
    exitCode: EXIT.usage,
    what: `The IDs of ${found.length} jobs begin with "${prefix}"`,
    why: `did you mean one of these?\n${shown.join('\n')}`,
    next: 'use more characters of the ID',
  });
}

/** `shortId` for each of these jobs, without scanning a thousand jobs a thousand times. */
export function shortIds(jobs: readonly Pick<Job, 'id'>[]): (id: string) => string {
  const same = new Map<string, number>();
  for (const { id } of jobs) same.set(id.slice(0, SHORT), (same.get(id.slice(0, SHORT)) ?? 0) + 1);
  return (id) => (same.get(id.slice(0, SHORT)) === 1 ? id.slice(0, SHORT) : shortId(id, jobs));
}

/** Returns the shortest unique prefix (8 or more characters) of a job's ID. */
export function shortId(id: string, jobs: readonly Pick<Job, 'id'>[]): string {
  for (let length = SHORT; length < id.length; length += 1) {
    const prefix = id.slice(0, length);
    if (!prefix.endsWith('-') && jobs.every((job) => job.id === id || !job.id.startsWith(prefix)))
      return prefix;
  }
  return id;
}
