/** Progress for pipes and CI logs: one line every 10% or 10 s, ASCII, no escape sequences. */
import type { Job } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { noticeLines, showCommand } from '../report/notices.js';
import { firstAdvice, worstReasons } from '../report/reasons.js';
import { reportOf } from '../report/reportName.js';
import { wasLoadedBefore } from '../report/sameFile.js';
import { countsText } from '../text/counts.js';
import { answerCommands, changedLines, heldText, removedLines } from '../text/heldRows.js';
import { fullStatus, loadCommand } from '../text/nothingLoaded.js';
import { bytes, clean, count, duration, percent, plural, shellQuote, speed } from '../text/text.js';
import { fraction, type Lane, newLane, remaining, step, workedFor } from './lane.js';
import { laneHint } from './laneHint.js';
import { pendingText } from './pending.js';
import type { Renderer, ViewEvent } from './viewEvent.js';

const LINE_EVERY = 10_000;

const REASONS_SHOWN = 3;

/** Maximum number of rows shown of a held job, and of removed rows. */
const ROWS_SHOWN = 5;

/**
 * Minimum time before a line about sent or read bytes, in milliseconds. The bytes of a small file take only a moment,
 * so there is no line for each tenth of them.
 */
const BYTES_LINE_EVERY = 1_000;

interface Said {
  phase: Lane['phase'];
  tenth: number;
  at: number;
  reconnecting: boolean;
  /** The last reason to wait that was written since there was progress. */
  waits: string | undefined;
  notices: Set<string>;
  /** Whether the lines about the held job were written. */
  held: boolean;
}

/**
 * Writes lines to `write`, each with its line end.
 * @param names the lanes' names in order
 * @param paths of the files, if there are any
 * @param asks whether a printed command can ask questions where it will run
 */
export function plainRenderer(
  write: (text: string) => void,
  names: readonly string[],
  now: () => number = () => performance.now(),
  paths: readonly (string | undefined)[] = [],
  asks = false,
): Renderer {
  const lanes = names.map((name, place): Lane => ({ ...newLane(name, now()), path: paths[place] }));
  const said: Said[] = names.map(() => ({
    phase: 'waiting',
    tenth: 0,
    at: now(),
    reconnecting: false,
    waits: undefined,
    notices: new Set(),
    held: false,
  }));

  return {
    handle(event: ViewEvent) {
      const before = lanes[event.lane];
      const last = said[event.lane];
      if (!before || !last) return;
      const lane = step(before, event, now());
      lanes[event.lane] = lane;
      for (const line of lines(lane, last, event, now(), asks)) write(`${clean(lane.name)}: ${line}\n`);
    },
    async close() {},
  };
}

function* lines(lane: Lane, last: Said, event: ViewEvent, now: number, asks: boolean): Generator<string> {
  if (event.type === 'done') return yield* doneLines(lane, last, asks);
  // If the job was accepted, only watching it has failed.
  if (event.type === 'error')
    return yield `${event.jobId === undefined ? 'failed' : 'no longer watched'}: ${event.error.message}`;
  if (event.type === 'retrying') return yield `the upload broke (${clean(event.reason)}), trying again`;
  if (event.type === 'continuing')
    return yield `continuing at ${percent(lane.sentBytes, lane.totalBytes ?? 0)} of an earlier upload`;
  if (lane.reconnecting !== undefined) {
    if (!last.reconnecting || (event.type === 'reconnecting' && now - last.at >= LINE_EVERY)) {
      yield `${last.reconnecting ? 'still ' : ''}reconnecting (${clean(lane.reconnecting)})`;
      Object.assign(last, { reconnecting: true, at: now });
    }
  } else if (last.reconnecting && event.type !== 'job') {
    last.reconnecting = false;
    yield 'connected again';
  }
  if (lane.phase !== last.phase) {
    Object.assign(last, { phase: lane.phase, tenth: 0, at: now });
    if (lane.phase === 'uploading')
      yield lane.totalBytes === undefined ? 'uploading' : `uploading ${bytes(lane.totalBytes)}`;
    if (event.type === 'uploaded' && !wasLoadedBefore(event))
      yield `accepted as job ${lane.jobId}${intoTable(lane.table)}`;
    if (lane.phase === 'processing') yield `processing ${plural(lane.totalRows, 'row')}`;
  }
  yield* newNotices(lane, last);
  if (event.type === 'progress') last.waits = undefined;
  // While an attempt runs, a snapshot has no reason: the next one may have the same again.
  if (lane.waits !== undefined && lane.waits !== last.waits) {
    last.waits = lane.waits;
    yield `waiting to try again: ${clean(lane.waits)}`;
  }
  if (lane.phase === 'held' && lane.held && !last.held) {
    last.held = true;
    yield `held: ${plural(lane.processedRows, 'row')}, ${countsText(lane.goodRows, lane.badRows, lane.counts)}`;
    const { jobId: id = '', held, goodRows: successCount, counts, removedRows } = lane;
    yield* heldLines({ id, status: 'held', held, successCount, counts, removedRows });
  }
  const part = fraction(lane);
  const tenth = Math.floor((part ?? 0) * 10);
  if (tenth <= last.tenth && now - last.at < LINE_EVERY) return;
  if (lane.phase !== 'uploading' && lane.phase !== 'processing' && lane.phase !== 'pending') return;
  if (lane.phase !== 'processing' && now - last.at < BYTES_LINE_EVERY) return;
  Object.assign(last, { tenth, at: now });
  if (lane.phase === 'pending') yield pendingText(lane, (text) => text, now);
  else if (lane.phase === 'uploading') yield uploadLine(lane);
  else yield rowsLine(lane);
}

/** Names the table, unless it is customers. */
function intoTable(table: string | undefined): string {
  return table === undefined || table === CUSTOMERS ? '' : ` into ${clean(table)}`;
}

function uploadLine(lane: Lane): string {
  const { sentBytes, totalBytes } = lane;
  const parts = [
    totalBytes === undefined ? bytes(sentBytes) : `${percent(sentBytes, totalBytes)}, ${bytes(sentBytes)}`,
  ];
  if (lane.rate > 0) parts.push(`${bytes(Math.round(lane.rate))}/s`);
  return `sent ${parts.join(', ')}${eta(lane)}`;
}

function rowsLine(lane: Lane): string {
  const { processedRows, totalRows, goodRows, badRows, rate } = lane;
  const measured = rate > 0 ? `, ${speed(rate)}` : '';
  return (
    `${percent(processedRows, totalRows)}, ${count(processedRows)} of ${plural(totalRows, 'row')}${measured}, ` +
    `${countsText(goodRows, badRows, lane.counts)}${eta(lane)}`
  );
}

function eta(lane: Lane): string {
  const left = remaining(lane);
  return left === undefined ? '' : `, ETA ${duration(left)}`;
}

/** Yields each notice only once: those shown while the job ran are not repeated at its end. */
function* newNotices({ notices, jobId }: Lane, { notices: said }: Said): Generator<string> {
  for (const line of noticeLines(notices, showCommand(jobId))) {
    if (!said.has(line)) yield `notice: ${line}`;
    said.add(line);
  }
}

/** For a job that waits for an answer: its first rows, and how to answer. */
function* heldLines(
  job: Pick<Job, 'id' | 'status' | 'held' | 'successCount' | 'counts' | 'removedRows'>,
): Generator<string> {
  const commands = answerCommands(job);
  if (!commands || !job.held) return;
  for (const line of changedLines({ ...job, held: job.held }, ROWS_SHOWN)) yield line;
  for (const line of removedLines(job, ROWS_SHOWN)) yield line;
  yield `it waits ${heldText(job.held)}`;
  yield `to commit its rows: ${commands.accept}`;
  yield `to roll them back: ${commands.discard}`;
}

function* doneLines(lane: Lane, last: Said, asks: boolean): Generator<string> {
  const { job } = lane;
  if (!job) return;
  const took = workedFor(job);
  yield `${fullStatus(job)}${took === undefined ? '' : ` in ${duration(took)}`}: ${plural(job.processedRows, 'row')}${intoTable(job.table)}, ` +
    countsText(job.successCount, job.failedCount, job.counts);
  yield* newNotices(lane, last);
  if (job.failure && job.status !== 'completed') yield `reason: ${clean(job.failure.message)}`;
  yield* heldLines(job);
  if (job.mode?.dryRun) yield* removedLines(job, ROWS_SHOWN);
  const load = loadCommand(job, asks);
  if (load) yield `to load it: ${load}`;
  const hint = laneHint(lane, job, { asks });
  if (hint) yield `${hint.when}: ${hint.command}`;
  const { ofFirst } = lane.reasons;
  const of = ofFirst === undefined ? '' : ` of the first ${ofFirst}`;
  const { worst, others } = worstReasons(lane.reasons, REASONS_SHOWN);
  for (const { message, rows } of worst) yield `rejected: ${clean(message)} (${count(rows)}${of})`;
  if (others.reasons > 0)
    yield `rejected: ${plural(others.reasons, 'other reason')} (${count(others.rows)}${of})`;
  const advice = firstAdvice(lane.reasons);
  if (advice !== undefined) yield `advice: ${clean(advice)}`;
  if (job.failedCount > 0)
    yield `report: csvjobs errors ${job.id} -o ${shellQuote(reportOf(job, lane.name))}`;
}
