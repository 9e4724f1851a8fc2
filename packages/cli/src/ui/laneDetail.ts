/** One file in detail: name, bar, rows with rate and ETA, good and bad, the reasons of rejection. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { fixCommand } from '../report/fixCommand.js';
import { shownNotices } from '../report/notices.js';
import { firstAdvice, worstReasons } from '../report/reasons.js';
import { reportOf } from '../report/reportName.js';
import { modeParts } from '../text/counts.js';
import { cutMiddle } from '../text/cut.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { answerCommands, changedLines, heldText, removedLines } from '../text/heldRows.js';
import { fullStatus, loadCommand } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { bytes, clean, count, duration, percent, plural, shellQuote, speed } from '../text/text.js';
import { bar, sparkline } from './bar.js';
import { type Block, flow } from './blocks.js';
import { fraction, keepsNothing, type Lane, rateOf, remaining, workedFor } from './lane.js';
import { laneHint } from './laneHint.js';
import { NOTICES_ENDED, NOTICES_LIVE, noticeBlock } from './noticeLines.js';
import { pendingText } from './pending.js';
import { jobPaint, jobSign } from './status.js';

const REASONS_SHOWN = 3;

/** Maximum number of rows shown of a held job, and of removed rows. */
const ROWS_SHOWN = 6;

/** Maximum width of the view: a bar across a very wide screen adds nothing. */
const WIDEST = 100;

const MARGIN = '  ';

export interface Sheet {
  paint: Paint;
  width: number;
  /** The clock of the lanes, in milliseconds. */
  now: number;
  /** Whether these are the last lines, which stay. */
  ended: boolean;
  /** Writes a command as the user has to type it. */
  typed(command: string): string;
}

/** Returns a line that ends with the first of the commands that fits, or none. */
type CommandLine = (before: string, ...commands: string[]) => string[];

/**
 * Returns the lines of a file in blocks by importance, none wider than `width` cells. A command is never cut or
 * wrapped, so that it can be pasted: at the end it is written in full, however long; before the end it is left out if it
 * does not fit.
 */
export function detailBlocks(lane: Lane, { paint, width, now, ended, typed }: Sheet): Block[] {
  const room = Math.min(width, WIDEST) - MARGIN.length;
  const indented = (lines: readonly string[]) => lines.map((line) => MARGIN + line);
  const withCommand: CommandLine = (before, ...commands) => {
    const fits = (command: string) => ended || stringWidth(before + command) <= room;
    const command = commands.map(typed).find(fits);
    return command === undefined ? [] : [before + paint.cyan(command)];
  };
  const hasBar = lane.phase !== 'completed' && lane.phase !== 'error';
  const [name = '', ...restOfName] = titleLines(lane, paint, Math.min(width, WIDEST));
  const notices = shownNotices(lane.notices, lane.job ? NOTICES_ENDED : NOTICES_LIVE);
  return [
    { rank: 0, lines: [name] },
    { rank: 0.5, lines: restOfName },
    { rank: 3, lines: hasBar ? indented([barLine(lane, paint, room)]) : [] },
    { rank: 1, lines: indented(numberLines(lane, paint, room, now)) },
    { rank: 2, lines: indented(waitsLine(lane, paint, room)) },
    { rank: 6, lines: indented(noticeBlock(notices, paint, room, typed, [lane.jobId])) },
    { rank: 5, lines: indented(reasonLines(lane, paint, room)) },
    { rank: 7, lines: indented(heldRowLines(lane, paint, room)) },
    { rank: 4, lines: indented(ending(lane, paint, room, ended, withCommand)) },
    { rank: 4, lines: indented(answerLines(lane, paint, room, withCommand)) },
  ];
}

/** The name is never cut, because others may begin and end like it; the ID is at the right of its last line. */
function titleLines(lane: Lane, paint: Paint, width: number): string[] {
  const id = lane.jobId?.slice(0, 8) ?? '';
  const room = Math.max(1, width - 2);
  const names = wrapAnsi(fileAndTable(lane.name, lane.table), room, { hard: true }).split('\n');
  const left = room - stringWidth(names.at(-1)!) - id.length;
  if (id !== '' && left < 2) names.push('');
  const space = ' '.repeat(Math.max(0, left < 2 ? room - id.length : left));
  return names.map((name, at) => {
    const start = at === 0 ? `${sign(lane, paint)} ` : MARGIN;
    const end = id !== '' && at === names.length - 1 ? space + paint.dim(id) : '';
    return `${start}${name === '' ? '' : paint.bold(name)}${end}`;
  });
}

/** Returns a sign of one cell for each phase. */
export function sign({ phase, goodRows, badRows, reading }: Lane, paint: Paint): string {
  if (phase === 'error') return paint.red('✗');
  if (phase === 'waiting') return paint.dim('○');
  if (phase === 'uploading') return paint.cyan('↑');
  if (phase === 'pending' && reading !== undefined) return paint.cyan('●');
  const job = { status: phase, successCount: goodRows, failedCount: badRows };
  return jobPaint(job, paint)(jobSign(job));
}

function barLine(lane: Lane, paint: Paint, width: number): string {
  const part = fraction(lane);
  const label = part === undefined ? '' : percent(part, 1).padStart(5);
  const { filled, empty } = bar(part ?? 0, Math.max(1, width - 6));
  const color = ['failed', 'cancelled', 'undone'].includes(lane.phase) ? paint.red : paint.cyan;
  return `${color(filled)}${paint.dim(empty)} ${label}`;
}

function numberLines(lane: Lane, paint: Paint, width: number, now: number): string[] {
  const parts = numbers(lane, paint, now);
  const spark = lane.phase === 'processing' && width >= 60 ? sparkline(lane.rates, 16) : '';
  return flow(spark === '' ? parts : [...parts, paint.dim(spark)], '   ', width, stringWidth);
}

function numbers(lane: Lane, paint: Paint, now: number): string[] {
  const left = remaining(lane);
  const eta = left === undefined ? [] : [`ETA ${duration(left)}`];
  const away =
    lane.reconnecting === undefined ? [] : [paint.yellow(`reconnecting (${clean(lane.reconnecting)})`)];
  if (lane.phase === 'waiting') return [paint.dim('waiting')];
  if (lane.phase === 'error') return away;
  if (lane.phase === 'uploading') {
    const whole = lane.totalBytes === undefined ? '' : ` of ${bytes(lane.totalBytes)}`;
    const rate = lane.rate > 0 ? [`${bytes(Math.round(lane.rate))}/s`] : [];
    const doing = lane.continued ? 'continuing' : 'uploading';
    return [...away, `${doing} ${bytes(lane.sentBytes)}${whole}`, ...rate, ...eta];
  }
  if (lane.phase === 'pending') return [...away, pendingText(lane, paint.dim, now)];
  const rows =
    lane.phase === 'completed'
      ? plural(lane.processedRows, 'row')
      : `${count(lane.processedRows)} of ${plural(lane.totalRows, 'row')}`;
  const done = keepsNothing(lane) ? '' : `${paint.green('✓')} `;
  const good = (lane.counts ? modeParts(lane.counts) : [`${count(lane.goodRows)} good`]).map(
    (part) => `${done}${part}`,
  );
  const rejected = `${count(lane.badRows)} rejected`;
  const bad =
    lane.badRows > 0 ? `${paint.red('✗')} ${paint.yellow(rejected)}` : `${paint.dim('✗')} ${rejected}`;
  const rate = lane.phase === 'processing' && lane.rate > 0 ? [speed(lane.rate)] : [];
  return [...away, rows, ...good, bad, ...rate, ...(lane.phase === 'processing' ? eta : [])];
}

/** Why the job waits for its next attempt. */
function waitsLine({ waits }: Lane, paint: Paint, width: number): string[] {
  if (waits === undefined) return [];
  return wrapAnsi(`waiting to try again: ${clean(waits)}`, Math.max(8, width), { hard: true })
    .split('\n')
    .map((line) => paint.yellow(line));
}

function reasonLines(lane: Lane, paint: Paint, width: number): string[] {
  const { ofFirst } = lane.reasons;
  const { worst, others } = worstReasons(lane.reasons, REASONS_SHOWN);
  if (worst.length === 0) return [];
  const advice = firstAdvice(lane.reasons);
  const digits = Math.max(...[...worst, others].map(({ rows }) => count(rows).length));
  const line = (rows: number, text: string) =>
    `${paint.yellow(count(rows).padStart(digits))} ${paint.dim(cutMiddle(text, width - digits - 1, stringWidth))}`;
  return [
    ...(ofFirst === undefined ? [] : [paint.dim(`of the first ${ofFirst} rejected:`)]),
    ...worst.map(({ message, rows }) => line(rows, clean(message))),
    ...(others.reasons > 0 ? [line(others.rows, `for ${plural(others.reasons, 'other reason')}`)] : []),
    ...(advice === undefined ? [] : wrapAnsi(clean(advice), Math.max(8, width), { hard: true }).split('\n')),
  ];
}

/** The first rows of a held job, and those that a replacement removes if it is held or a dry run. */
function heldRowLines(lane: Lane, paint: Paint, width: number): string[] {
  const { phase, held, job, goodRows: successCount, counts } = lane;
  const isHeld = phase === 'held' && held !== undefined;
  if (!isHeld && !job?.mode?.dryRun) return [];
  const changed = isHeld ? changedLines({ held, successCount, counts }, ROWS_SHOWN) : [];
  return [...changed, ...removedLines(lane, ROWS_SHOWN)].map((line) =>
    paint.dim(cutMiddle(line, width, stringWidth)),
  );
}

/** Until when a job is held, and the commands that answer. */
function answerLines(
  { phase, held, jobId = '' }: Lane,
  paint: Paint,
  width: number,
  withCommand: CommandLine,
): string[] {
  if (phase !== 'held' || !held) return [];
  const commands = answerCommands({ id: jobId.slice(0, 8), status: phase, held });
  const lines: [before: string, command: string][] = commands
    ? [
        ['to commit its rows: ', commands.accept],
        ['to roll them back: ', commands.discard],
      ]
    : [];
  return [
    paint.yellow(cutMiddle(`held ${heldText(held)}`, width, stringWidth)),
    ...lines.flatMap(([before, command]) => withCommand(before, command)),
  ];
}

/** The command that saves the report of a job. */
export function reportCommand(job: { id: string; filename: string }, shown?: string): string {
  return `csvjobs errors ${job.id.slice(0, 8)} -o ${shellQuote(reportOf(job, shown))}`;
}

function ending(lane: Lane, paint: Paint, width: number, ended: boolean, withCommand: CommandLine): string[] {
  const { job, error } = lane;
  const text = (line: string) => (ended ? clean(line) : cutMiddle(clean(line), width, stringWidth));
  // At the end printError prints the error, with its next step.
  if (!job) return error === undefined || ended ? [] : [paint.red(text(error.message))];
  const took = workedFor(job);
  const perSecond = took === undefined ? undefined : rateOf(job, took);
  const rate = perSecond === undefined ? '' : `, ${speed(perSecond)}`;
  const hint = laneHint(lane, job, { id: job.id.slice(0, 8) });
  const load = loadCommand({ ...job, id: job.id.slice(0, 8) });
  const fix = fixCommand(job);
  const status = `${jobPaint(job, paint)(fullStatus(job))}${took === undefined ? '' : ` in ${duration(took)}${rate}`}`;
  return [
    ...wrapAnsi(status, Math.max(8, width), { hard: true }).split('\n'),
    ...(job.failure && job.status !== 'completed' ? [paint.red(text(job.failure.message))] : []),
    ...(load ? withCommand('to load it: ', load) : []),
    ...(hint ? withCommand(`${hint.when}: `, hint.command) : []),
    ...(job.failedCount > 0
      ? withCommand('report: ', reportCommand(job, lane.name), `csvjobs errors ${job.id.slice(0, 8)}`)
      : []),
    ...(fix ? withCommand('to fix them: ', fix) : []),
  ];
}
