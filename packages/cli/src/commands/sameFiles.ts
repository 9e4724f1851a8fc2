/** Decides whether to load files again that are already in their tables (docs/decisions/0031-same-file-again.md). */
import { createHash } from 'node:crypto';
import type { EarlierJob } from '@csvjobs/shared';
import { agreed, canAsk } from '../ask.js';
import type { DaemonClient } from '../client/daemonClient.js';
import { AGAIN } from '../client/daemonError.js';
import type { UploadSource } from '../client/uploadBody.js';
import { surroundings } from '../config/environment.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { sameFileQuestion, wasLoadedBefore } from '../report/sameFile.js';
import { cutMiddle } from '../text/cut.js';
import { widthOf } from '../text/table.js';
import { clean } from '../text/text.js';
import { wrapped } from '../text/wrap.js';
import { UserError } from '../userError.js';

/**
 * `load`: in any case. `once`: as with --once. `unlessNew`: a first look found no such job, and the daemon loads
 * nothing if there is one by now. `leave`: the user said no.
 */
export type Repeat = 'load' | 'once' | 'unlessNew' | 'leave';

/** Size in bytes from which hashing takes more than a moment. */
const LARGE = 50_000_000;

/** Shows a line on the terminal while a large file is hashed, and clears it before the view is drawn. */
async function saidMeanwhile<T>(
  { err, progress }: Context,
  { file, size = 0 }: UploadSource,
  work: Promise<T>,
): Promise<T> {
  if (size < LARGE || progress !== 'tty') return work;
  const text = `checking whether ${clean(file)} was uploaded before …`;
  err.stream.write(err.paint.dim(cutMiddle(text, (err.columns ?? 80) - 1, await widthOf([text]))));
  try {
    return await work;
  } finally {
    err.stream.write('\r\u001b[2K');
  }
}

/** --once and --again. */
export interface RepeatFlags {
  once: boolean;
  again: boolean;
}

/**
 * Decides what to do with each file, in order. Asks a person at a terminal, once for all files; never asks in scripts,
 * pipes and CI. A file that can be read only once, or is on another machine, is not hashed first, and is treated as in
 * a pipe.
 * @param tables the table of each file, if named
 * @param dryRuns whether each is a dry run, which loads nothing again
 */
export async function decideRepeats(
  context: Context,
  client: DaemonClient,
  sources: readonly UploadSource[],
  tables: readonly (string | undefined)[],
  dryRuns: readonly boolean[],
  { once, again }: RepeatFlags,
): Promise<Repeat[]> {
  if (once) return sources.map(() => 'once');
  if (again || context.json || context.quiet || surroundings().ci || !canAsk(context))
    return sources.map(() => 'load');
  const repeats: Repeat[] = [];
  const questions: { lane: number; text: string }[] = [];
  const met = new Map<string, string>();
  for (const [lane, source] of sources.entries()) {
    const asks = source.repeatable && !source.remote && !dryRuns[lane];
    repeats.push(asks ? 'unlessNew' : 'load');
    if (!asks) continue;
    const table = tables[lane];
    const sha256 = await saidMeanwhile(context, source, sha256Of(source, context.signal));
    const same = met.get(`${sha256} ${table}`);
    met.set(`${sha256} ${table}`, same ?? source.file);
    if (same !== undefined) {
      questions.push({ lane, text: `${clean(source.file)} has the same content as ${clean(same)}` });
      continue;
    }
    const earlier = await earlierOf(client, sha256, table);
    if (earlier) questions.push({ lane, text: sameFileQuestion(source.file, table, earlier) });
  }
  if (questions.length === 0) return repeats;
  for (const { text } of questions)
    for (const line of await wrapped(text, context.err.columns)) context.err.line(line);
  const one = questions.length === 1;
  const load = await agreed(context, `Load ${one ? 'it' : `these ${questions.length} files`} again? [y/N] `);
  for (const { lane } of questions) repeats[lane] = load ? 'load' : 'leave';
  return repeats;
}

/**
 * Checks the answer to an upload against the decision.
 * @throws UserError (exit 2): the same file came in meanwhile; the daemon does not know --once
 */
export function heldTo(
  repeat: Repeat,
  answer: { jobId: string; earlier?: EarlierJob | null | undefined },
): void {
  if (repeat === 'unlessNew' && wasLoadedBefore(answer))
    throw new UserError({
      code: 'same_file',
      exitCode: EXIT.usage,
      what: 'The same file was uploaded meanwhile',
      why: `job ${answer.jobId} has already loaded it; nothing was loaded now`,
      next: AGAIN,
    });
  if (repeat === 'once' && answer.earlier === undefined)
    throw new UserError({
      code: 'daemon_too_old',
      exitCode: EXIT.usage,
      what: 'The daemon does not support --once',
      why: `it is older than this command line, and has accepted the file as job ${answer.jobId}`,
      next: `csvjobs cancel ${answer.jobId}, if the file was already loaded; then update the daemon`,
    });
}

async function sha256Of(source: UploadSource, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.open()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** If this cannot be determined (an older daemon, an unknown table), the upload itself reports what is wrong. */
async function earlierOf(
  client: DaemonClient,
  sha256: string,
  into: string | undefined,
): Promise<EarlierJob | null> {
  try {
    return await client.earlier(sha256, into);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
