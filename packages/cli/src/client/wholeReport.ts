/**
 * Streams a complete report even if its connection breaks: requests the rest after the last complete row (`?after=`)
 * and skips the part of an incomplete row that the daemon sends again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportFormat } from '@csvjobs/shared/paths';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { isAway } from './away.js';
import { NUMBER_BYTES, ReportTrace, rowNumberAt } from './reportTrace.js';

/** Pauses before a retry, in milliseconds: the first, doubled after each fruitless retry, up to the longest. */
const PAUSE = { first: 250, longest: 8_000 };

/** In every format, the end of a report fits in this many bytes. */
const END_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** What may follow the last row: nothing, or the end of an array. */
const END = /^(\]\n)?$/;

/** A part of a report: the bytes after a row, up to the end. */
export type Part = AsyncIterable<Buffer>;

export interface WholeReportOptions {
  format: ReportFormat;
  /** Opens the report after a row. @throws UserError */
  open(after: number): Promise<Part>;
  /** How long to retry without receiving a further row, in milliseconds. */
  patience: number;
  signal: AbortSignal;
  /** Called each time a broken report is resumed: the number of the last complete row (0 if none), and the reason. */
  onBreak?: ((after: number, why: string) => void) | undefined;
  /** Called at the end with the number of rows; if it throws, the report ends before its last bytes. */
  atEnd(rows: number): Promise<void>;
}

/**
 * Streams the bytes of a report, each once, as in an undisturbed download.
 * @param first the report from its start, opened by the caller, who thus learns at once if there is none
 * @throws UserError: the daemon's last error if a retry is useless; `daemon_unreachable` if no further row arrived for
 *   `patience`; `answer_not_understood` if a part does not continue where the last one broke off; errors of `atEnd`;
 *   the abort's reason when aborted
 */
export async function* wholeReport(
  first: Part,
  { format, open, patience, signal, onBreak, atEnd }: WholeReportOptions,
): AsyncGenerator<Buffer> {
  const trace = new ReportTrace(format);
  let reached = 0;
  let brokenSince: number | undefined;
  let pause = PAUSE.first;
  // The last bytes wait until the report is known to be complete: a JSON array with missing rows is never closed.
  let held: Buffer = NOTHING;
  let ended = false;
  for (let part: Part | undefined = first; ; part = undefined) {
    try {
      part ??= rest(await open(trace.after), trace, format);
      for await (const chunk of part) {
        trace.add(chunk);
        const bytes = Buffer.concat([held, chunk]);
        held = bytes.subarray(-END_BYTES);
        if (bytes.length > END_BYTES) yield bytes.subarray(0, -END_BYTES);
      }
      ended = true;
      await atEnd(trace.rows);
      yield held;
      return;
    } catch (error) {
      if (ended) throw error;
      if (held.length > 0) yield held;
      held = NOTHING;
      if (!isAway(error) || trace.lost) throw error;
      const further = brokenSince === undefined || trace.after > reached;
      if (further) {
        reached = trace.after;
        brokenSince = performance.now();
        pause = PAUSE.first;
      }
      const left = brokenSince! + patience - performance.now();
      if (left <= 0) throw brokenOff(error, reached);
      if (further) onBreak?.(reached, error.why ?? error.message);
      const wait = Math.min(pause, left, PAUSE.longest);
      pause *= 2;
      await sleep(wait, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

/** Returns what a part adds to the bytes already received. @throws UserError if it does not start with those */
async function* rest(part: Part, trace: ReportTrace, format: ReportFormat): AsyncGenerator<Buffer> {
  // A JSON array starts with its bracket each time; the header of CSV comes only with the first row.
  const again = format === 'json' && trace.after > 0 ? 2 : 0;
  const { behind } = trace;
  const enough = again + Math.max(behind.length, NUMBER_BYTES);
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of part) {
    if (!start) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < enough) continue;
    yield start.subarray(checked(start.subarray(again), behind));
    start = undefined;
  }
  if (start) yield start.subarray(checked(start.subarray(again), behind));

  /** Returns how many bytes to skip. */
  function checked(bytes: Buffer, known: Buffer): number {
    const number = rowNumberAt(bytes, format);
    const fits =
      bytes.subarray(0, known.length).equals(known) &&
      (trace.after === 0 ||
        (number === undefined ? END.test(bytes.toString('latin1', 0, 3)) : number > trace.after));
    if (!fits) throw doesNotFit(trace.after);
    return again + known.length;
  }
}

function brokenOff(error: UserError, after: number): UserError {
  return new UserError({
    code: error.code,
    exitCode: error.exitCode,
    what: `The report is incomplete: it broke off ${after === 0 ? 'before its first row' : `after row ${after}`}`,
    why: `${error.message}${error.why === undefined ? '' : ` (${error.why})`}`,
    next: 'run the command again when the daemon is back (csvjobs doctor)',
    cause: error,
  });
}

function doesNotFit(after: number): UserError {
  return new UserError({
    code: 'answer_not_understood',
    exitCode: EXIT.unexpected,
    what: `The report is incomplete: it broke off after row ${after}, and the rest does not continue there`,
    why: 'the report has changed meanwhile, or the server does not support ?after=',
    next: 'run the command again',
  });
}
