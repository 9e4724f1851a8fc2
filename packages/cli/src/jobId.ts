/** A job by its id or a unique prefix of it. */
import type { Job } from '@csvjobs/shared';
import { isUuid } from '@csvjobs/shared/paths';
import type { DaemonClient } from './client/daemonClient.js';
import { EXIT } from './exitCodes.js';
import { fileAndTable } from './text/fileAndTable.js';
import { clean } from './text/text.js';
import { UserError, usageError } from './userError.js';

/** Shortest prefix that `shortId` gives: 4 billion ids. */
const SHORT = 8;

/**
 * Resolves what a person typed; a whole id is not looked up.
 * @throws UserError (exit 2): not an id, none begins so, or several do (they are listed)
 */
export async function resolveId(client: DaemonClient, text: string): Promise<string> {
  const prefix = text.toLowerCase();
  if (isUuid(prefix)) return prefix;
  if (!/^[\da-f][\da-f-]{0,35}$/.test(prefix))
    throw usageError(
      `"${clean(text)}" is not a job's id`,
      'an id, or the beginning of one, has only the digits 0-9, a-f and hyphens',
      'csvjobs list',
    );
  const found = (await client.summaries()).filter(({ id }) => id.startsWith(prefix));
  if (found.length === 1 && found[0]) return found[0].id;
  if (found.length === 0)
    throw new UserError({
      code: 'job_not_found',
      exitCode: EXIT.usage,
      what: `No job's id begins with "${prefix}"`,
      why: 'it may be mistyped, or of another daemon',
      next: 'csvjobs list',
    });
  const shown = found
    .slice(0, 10)
    .map(({ id, filename, table, status }) => `${id}  ${status}  ${fileAndTable(filename, table)}`);
  if (found.length > shown.length) shown.push(`… and ${found.length - shown.length} more`);
  throw new UserError({
    code: 'id_ambiguous',
    exitCode: EXIT.usage,
    what: `The ids of ${found.length} jobs begin with "${prefix}"`,
    why: `which one is meant?\n${shown.join('\n')}`,
    next: 'give more of the id',
  });
}

/** `shortId` for each of these: a table of a thousand is not looked through a thousand times. */
export function shortIds(jobs: readonly Pick<Job, 'id'>[]): (id: string) => string {
  const same = new Map<string, number>();
  for (const { id } of jobs) same.set(id.slice(0, SHORT), (same.get(id.slice(0, SHORT)) ?? 0) + 1);
  return (id) => (same.get(id.slice(0, SHORT)) === 1 ? id.slice(0, SHORT) : shortId(id, jobs));
}

/** The shortest beginning (8 or more characters) that tells a job from the others. */
export function shortId(id: string, jobs: readonly Pick<Job, 'id'>[]): string {
  for (let length = SHORT; length < id.length; length += 1) {
    const prefix = id.slice(0, length);
    if (!prefix.endsWith('-') && jobs.every((job) => job.id === id || !job.id.startsWith(prefix)))
      return prefix;
  }
  return id;
}
