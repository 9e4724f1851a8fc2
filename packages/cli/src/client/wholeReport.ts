/**
 * A report that comes whole although its connection breaks: what is missing is asked for behind the last row that came
 * whole (`?after=`), and what the daemon then sends again of a row that had begun is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportFormat } from '@csvjobs/shared/paths';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { isAway } from './away.js';
import { NUMBER_BYTES, ReportTrace, rowNumberAt } from './reportTrace.js';

/** Pauses before a further try, milliseconds: the first, twice as long after each that brought nothing, the longest. */
const PAUSE = { first: 250, longest: 8_000 };

/** The end of a report in every format is within so many bytes. */
const END_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** What may follow the last row: nothing, or the end of an array. */
const END = /^(\]\n)?$/;

/** A part of a report: the bytes from behind a row to the end. */
export type Part = AsyncIterable<Buffer>;

export interface WholeReportOptions {
  format: ReportFormat;
  /** Opens the report behind a row. @throws UserError */
  open(after: number): Promise<Part>;
  /** How long it is tried again without a further row, milliseconds. */
  patience: number;
  signal: AbortSignal;
  /** Told each time that it broke and is gone on with: the number of the last row that came whole (0 for none), and why. */
  onBreak?: ((after: number, why: string) => void) | undefined;
  /** Told at the end how many rows came; what it throws ends the report before its last bytes. */
  atEnd(rows: number): Promise<void>;
}

/**
 * The bytes of a report, each once, as an undisturbed download has them.
 * @param first the report from its start, opened by the caller, who is thus told at once that there is none
 * @throws UserError: the daemon's last word where it says that trying again is of no use; `daemon_unreachable` when no
 *   further row came for `patience`; `answer_not_understood` when what came does not go on where it broke off; what
 *   `atEnd` throws; the abort's reason when aborted
 */
export async function* wholeReport(
  first: Part,
  { format, open, patience, signal, onBreak, atEnd }: WholeReportOptions,
): AsyncGenerator<Buffer> {
  const trace = new ReportTrace(format);
  let reached = 0;
  let brokenSince: number | undefined;
  let pause = PAUSE.first;
  // The last bytes wait until the report is known to be whole: a JSON array that lacks rows is not closed.
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

/** What a part has beyond what came already. @throws UserError where it does not begin with that */
async function* rest(part: Part, trace: ReportTrace, format: ReportFormat): AsyncGenerator<Buffer> {
  // An array begins with its bracket each time; the header of CSV comes only with the first row.
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

  /** How many bytes to leave out. */
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
    what: `The report is not whole: it broke off ${after === 0 ? 'before its first row' : `after row ${after}`}`,
    why: `${error.message}${error.why === undefined ? '' : ` (${error.why})`}`,
    next: 'run the command again when the daemon is there (csvjobs doctor)',
    cause: error,
  });
}

function doesNotFit(after: number): UserError {
  return new UserError({
    code: 'answer_not_understood',
    exitCode: EXIT.unexpected,
    what: `The report is not whole: it broke off after row ${after}, and what came then does not go on there`,
    why: 'the report has changed meanwhile, or what answers does not know ?after=',
    next: 'run the command again',
  });
}
