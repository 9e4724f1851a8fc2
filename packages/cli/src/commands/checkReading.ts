/** Reads the output of the program that checks a file. */
import { once } from 'node:events';
import { type ProblemCode, problem, type Rejection, type Source } from '@csvjobs/shared';
import { problemError } from '../client/daemonError.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { type CheckProgramOptions, checkEvents } from '../localDaemon/checkProgram.js';
import { type Digest, digester } from '../report/digest.js';
import { foldedFor } from '../text/fold.js';
import { clean, toJson } from '../text/text.js';
import { UserError } from '../userError.js';
import { openLocal } from './localFile.js';

/** The result of a fully checked file. */
export interface Checked {
  totalRows: number;
  successCount: number;
  failedCount: number;
  source: Source;
  notices: string[];
  /** Checks that only the database can make. */
  notJudged: string[];
  digest: Digest;
}

/** Number of rejected rows printed without --all: what a person reads, or a tool turns into links. */
const SHOWN = { onTerminal: 20, elsewhere: 1_000 };

/** Maximum number of rejected rows of a file to print as lines. */
export function mostShown({ out }: Context, all: boolean): number {
  if (all) return Number.POSITIVE_INFINITY;
  return out.tty ? SHOWN.onTerminal : SHOWN.elsewhere;
}

/**
 * Reads the program's output about a file (`-` is stdin), and prints the rejected rows as they arrive, except for a
 * summary: at most `mostShown` as lines, or all as JSON.
 * @throws UserError if the file cannot be read, an upload of it would be refused, or its job would fail
 */
export async function readChecked(
  context: Context,
  file: string,
  { summary, all, ...how }: CheckProgramOptions & { summary: boolean; all: boolean },
): Promise<Checked> {
  const { json, quiet, signal } = context;
  const { path, remove } = await openLocal(context, file);
  const { add, result } = digester();
  const most = mostShown(context, all);
  let shown = 0;
  let seen: Pick<Checked, 'source' | 'notices'> | undefined;
  try {
    for await (const event of checkEvents(path, how, signal)) {
      if (event.type === 'read') seen = event;
      if (event.type === 'refused')
        throw problemError(problem(event.code as ProblemCode, event.message, { options: event.options }));
      if (event.type === 'failed') throw wouldFail(file, event.message, event.code);
      if (event.type === 'rejected') {
        const { type, ...rejection } = event;
        add(rejection);
        if (json) await print(context, toJson({ type, file, ...rejection }));
        else if (!quiet && !summary && shown < most) {
          shown += 1;
          await print(context, rejectedLine(context, file, rejection));
        }
      }
      if (event.type === 'checked' && seen)
        return { ...event, ...seen, notices: [...seen.notices, ...(event.notices ?? [])], digest: result() };
    }
    throw new Error(`the check of ${file} ended without a result`);
  } finally {
    await remove();
  }
}

/** `customers.csv:17: row 16: company is required`: the format of compilers, which editors turn into links. */
function rejectedLine(
  { out: { paint, stream } }: Context,
  file: string,
  { line, rowNumber, message }: Rejection,
): string {
  const place = paint.dim(`${clean(file)}:${line}:`);
  const reason = paint.yellow(clean(message.replace(/^line \d+: /, '')));
  return foldedFor(stream, `${place} row ${rowNumber}: ${reason}`);
}

async function print({ out, signal }: Context, text: string): Promise<void> {
  if (!out.stream.write(`${text}\n`)) await once(out.stream, 'drain', { signal });
}

function wouldFail(file: string, why: string, code: string): UserError {
  return new UserError({
    code,
    exitCode: EXIT.failed,
    what: `${clean(file)} would be accepted, but its job would fail`,
    why: clean(why),
    next: 'fix the file and check it again',
  });
}
