/**
 * The frames of the live view as lines: never more than the terminal has room for, because then Ink would erase what is
 * above.
 */
import stringWidth from 'string-width';
import { fixCommand } from '../report/fixCommand.js';
import { sharedNotices } from '../report/notices.js';
import { cutMiddle } from '../text/cut.js';
import { folded } from '../text/fold.js';
import { answerCommands } from '../text/heldRows.js';
import { loadCommand } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { clean } from '../text/text.js';
import { fitBlocks } from './blocks.js';
import type { Lane } from './lane.js';
import { detailBlocks, reportCommand } from './laneDetail.js';
import { laneHint } from './laneHint.js';
import { laneLines } from './laneLine.js';
import { noteLines } from './note.js';
import { NOTICES_ENDED, NOTICES_LIVE, noticeBlock } from './noticeLines.js';
import { hiddenLine, isLoading, isOver, isRunning, summaryLines, totalsLine, totalsOf } from './totals.js';

export interface Frame {
  lanes: readonly Lane[];
  /** Index of the lane that keys apply to. */
  chosen: number;
  /** Whether the chosen lane of several is shown in detail. */
  open: boolean;
  /** The latest message of an action. */
  note: string;
  /** The keys, or a question; undefined if the view takes no keys. */
  usage: readonly string[] | undefined;
}

export interface Place {
  columns: number;
  rows: number;
  paint: Paint;
  /** The clock of the lanes, in milliseconds. */
  now: number;
  /** Writes a command as the user has to type it. */
  typed(command: string): string;
}

/** The lane to show if the user has not chosen one: the first running job, upload or waiting file. */
export function current(lanes: readonly Lane[]): number {
  const loading = lanes.findIndex(isLoading);
  if (loading >= 0) return loading;
  const running = lanes.findIndex(isRunning);
  if (running >= 0) return running;
  const waiting = lanes.findIndex((lane) => !isOver(lane));
  return waiting >= 0 ? waiting : Math.max(0, lanes.length - 1);
}

/** Returns at most `rows` - 1 lines, none wider than `columns`. */
export function liveFrame({ lanes, chosen, open, note, usage }: Frame, place: Place): string[] {
  const { columns, rows, paint, now, typed } = place;
  const room = Math.max(1, rows - 1);
  const lane = lanes[chosen];
  const below = [
    { rank: 2, lines: noteLines(clean(note), columns - 2).map((line) => paint.dim(`  ${line}`)) },
    { rank: 9, lines: usage === undefined ? [] : [''] },
    { rank: 0, lines: usage === undefined ? [] : usage.map((line) => `  ${line}`) },
  ];
  if (lane && (lanes.length === 1 || open))
    return fitBlocks(
      [...detailBlocks(lane, { paint, width: columns, now, ended: false, typed }), ...below],
      room,
    );
  const shared = sharedNotices(lanes, NOTICES_LIVE);
  const notices = noticeBlock(shared, paint, columns - 2, typed, idsOf(lanes)).map((line) => `  ${line}`);
  const fixed = 1 + below.reduce((sum, { lines }) => sum + lines.length, 0);
  const inView = windowOf(lanes, chosen, Math.max(1, room - fixed));
  const drawn = laneLines(inView, paint, columns, usage === undefined ? undefined : lane, now);
  const hidden = hiddenLine(lanes.filter((each) => !inView.includes(each)));
  return fitBlocks(
    [
      { rank: 1, lines: drawn },
      { rank: 4, lines: hidden === '' ? [] : [paint.dim(cut(`    … ${hidden}`, columns))] },
      { rank: 3, lines: [cut(`  ${totalsLine(totalsOf(lanes), columns - 2)}`, columns)] },
      { rank: 8, lines: notices.length === 0 ? [] : ['', ...notices] },
      ...below,
    ],
    room,
  );
}

/**
 * Returns the lanes that fit, in order: the chosen one, running jobs, uploads, and then those around the chosen one.
 * Leaves one line for what is hidden.
 */
function windowOf(lanes: readonly Lane[], chosen: number, room: number): readonly Lane[] {
  if (lanes.length <= room) return lanes;
  const size = Math.max(1, room - 1);
  const first = Math.min(Math.max(0, chosen - Math.floor(size / 3)), lanes.length - size);
  const rank = (lane: Lane, place: number) => {
    if (place === chosen) return 0;
    if (isRunning(lane)) return isLoading(lane) ? 1 : 2;
    return place >= first && place < first + size ? 3 : 4;
  };
  const byRank = lanes
    .map((lane, place) => ({ place, rank: rank(lane, place) }))
    .sort((a, b) => a.rank - b.rank || Math.abs(a.place - chosen) - Math.abs(b.place - chosen));
  const shown = new Set(byRank.slice(0, size).map(({ place }) => place));
  return lanes.filter((_, place) => shown.has(place));
}

/**
 * The lines that stay on the terminal: all files, their outcomes, the commands for the next steps, each on one line, and
 * for several files a summary. The caller writes the commands as the user has to type them, with those in messages.
 */
export function lastLines(
  lanes: readonly Lane[],
  { columns, paint, now }: Omit<Place, 'rows' | 'typed'>,
  tookMs: number,
): string[] {
  const [lane] = lanes;
  if (lane && lanes.length === 1)
    return detailBlocks(lane, { paint, width: columns, now, ended: true, typed: asIs }).flatMap(
      ({ lines }) => lines,
    );
  const notices = noticeBlock(
    sharedNotices(lanes, NOTICES_ENDED),
    paint,
    columns - 2,
    asIs,
    idsOf(lanes),
  ).map((line) => `  ${line}`);
  const many = lanes.filter(({ job }) => job && fixCommand(job) !== undefined).length > MANY_FIXES;
  const next = [
    ...lanes.flatMap((each) => nextLines(each, paint, columns, !many)),
    ...(many ? [`  to fix the rows of a file: ${paint.cyan('csvjobs fix <id>')}`] : []),
  ];
  const between = [
    ...(notices.length === 0 ? [] : ['', ...notices]),
    ...(next.length === 0 ? [] : ['', ...next]),
  ];
  // The summary comes last: the commands of thirty files push everything above them off the screen.
  return [
    ...laneLines(lanes, paint, columns, undefined, now),
    ...between,
    ...(between.length === 0 ? [] : ['']),
    ...summaryLines(lanes, paint, tookMs, columns - 2).map((line) => `  ${line}`),
  ];
}

/** From more files on, one line says how to fix the rows of each. */
const MANY_FIXES = 5;

/** The next steps for a file, which do not fit into its one line. */
function nextLines(lane: Lane, paint: Paint, columns: number, withFix: boolean): string[] {
  const { job } = lane;
  if (!job) return [];
  // Two files may have one name.
  const name = clean(lane.name);
  const hint = laneHint(lane, job, { id: job.id.slice(0, 8) });
  const load = loadCommand({ ...job, id: job.id.slice(0, 8) });
  const answer = answerCommands({ ...job, id: job.id.slice(0, 8) });
  const fix = withFix ? fixCommand(job) : undefined;
  return [
    ...(job.failure && job.status !== 'completed'
      ? folded(`${name}: ${paint.red(clean(job.failure.message))}`, columns - 2)
          .split('\n')
          .map((line) => `  ${line}`)
      : []),
    ...(answer
      ? [
          `  ${name}: to commit its rows: ${paint.cyan(answer.accept)}`,
          `  ${name}: to roll them back: ${paint.cyan(answer.discard)}`,
        ]
      : []),
    ...(load ? [`  ${name}: to load it: ${paint.cyan(load)}`] : []),
    ...(hint ? [`  ${name}: ${hint.when}: ${paint.cyan(hint.command)}`] : []),
    ...(job.failedCount > 0 ? [`  report: ${paint.cyan(reportCommand(job, lane.name))}`] : []),
    ...(fix ? [`  to fix them: ${paint.cyan(fix)}`] : []),
  ];
}

function asIs(command: string): string {
  return command;
}

function cut(text: string, columns: number): string {
  return cutMiddle(text, Math.max(1, columns), stringWidth);
}

/** The jobs that have notices. */
function idsOf(lanes: readonly Lane[]): (string | undefined)[] {
  return lanes.flatMap(({ notices, jobId }) => (notices.length > 0 ? [jobId] : []));
}
