/** The frames of the live view as lines: never more of them than the terminal has room for, else Ink erases what is above. */
import stringWidth from 'string-width';
import { fixCommand } from '../report/fixCommand.js';
import { sharedNotices } from '../report/notices.js';
import { answerCommands } from '../text/heldRows.js';
import { loadCommand } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { cutMiddle } from '../text/table.js';
import { clean } from '../text/text.js';
import { fitBlocks } from './blocks.js';
import type { Lane } from './lane.js';
import { detailBlocks, reportCommand } from './laneDetail.js';
import { laneHint } from './laneHint.js';
import { laneLine } from './laneLine.js';
import { NOTICES_ENDED, NOTICES_LIVE, noticeBlock } from './noticeLines.js';
import { hiddenLine, isOver, isRunning, summaryLine, totalsLine, totalsOf } from './totals.js';

export interface Frame {
  lanes: readonly Lane[];
  /** The place of the lane that keys are for. */
  chosen: number;
  /** Whether the chosen one of several lanes is shown in detail. */
  open: boolean;
  /** What an action has said last. */
  note: string;
  /** Keys, or a question; undefined where there are no keys. */
  usage: string | undefined;
}

export interface Place {
  columns: number;
  rows: number;
  paint: Paint;
  /** The clock of the lanes, milliseconds. */
  now: number;
}

/** The lane that is looked at where nobody has chosen one: the first that runs, else the first that waits. */
export function current(lanes: readonly Lane[]): number {
  const running = lanes.findIndex(isRunning);
  if (running >= 0) return running;
  const waiting = lanes.findIndex((lane) => !isOver(lane));
  return waiting >= 0 ? waiting : Math.max(0, lanes.length - 1);
}

/** `rows` - 1 lines at most, none wider than `columns`. */
export function liveFrame({ lanes, chosen, open, note, usage }: Frame, place: Place): string[] {
  const { columns, rows, paint, now } = place;
  const room = Math.max(1, rows - 1);
  const lane = lanes[chosen];
  const below = [
    { rank: 2, lines: note === '' ? [] : [paint.dim(`  ${cut(clean(note), columns - 2)}`)] },
    { rank: 9, lines: usage === undefined ? [] : [''] },
    { rank: 0, lines: usage === undefined ? [] : [`  ${usage}`] },
  ];
  if (lane && (lanes.length === 1 || open))
    return fitBlocks([...detailBlocks(lane, paint, columns, now, false), ...below], room);
  const shared = sharedNotices(lanes, NOTICES_LIVE);
  const notices = noticeBlock(shared, paint, columns - 2).map((line) => `  ${line}`);
  const fixed = 1 + below.reduce((sum, { lines }) => sum + lines.length, 0);
  const inView = windowOf(lanes, chosen, Math.max(1, room - fixed));
  const drawn = inView.map((each) =>
    laneLine(each, paint, columns, usage !== undefined && each.place === lane?.place, now),
  );
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

/** So many lanes around the chosen one; a line of them is left for what is hidden. */
function windowOf(lanes: readonly Lane[], chosen: number, room: number): readonly Lane[] {
  if (lanes.length <= room) return lanes;
  const size = Math.max(1, room - 1);
  const first = Math.min(Math.max(0, chosen - Math.floor(size / 3)), lanes.length - size);
  return lanes.slice(first, first + size);
}

/** What stays on the terminal: all files, what became of them, and the commands that come next, each in one line. */
export function lastLines(
  lanes: readonly Lane[],
  { columns, paint, now }: Omit<Place, 'rows'>,
  tookMs: number,
): string[] {
  const [lane] = lanes;
  if (lane && lanes.length === 1)
    return detailBlocks(lane, paint, columns, now, true).flatMap(({ lines }) => lines);
  const notices = noticeBlock(sharedNotices(lanes, NOTICES_ENDED), paint, columns - 2).map(
    (line) => `  ${line}`,
  );
  const next = lanes.flatMap((each) => nextLines(each, paint));
  return [
    ...lanes.map((each) => laneLine(each, paint, columns, false, now)),
    `  ${summaryLine(lanes, paint, tookMs)}`,
    ...(notices.length === 0 ? [] : ['', ...notices]),
    ...(next.length === 0 ? [] : ['', ...next]),
  ];
}

/** What to look at next, where a line a file has no room for it. */
function nextLines(lane: Lane, paint: Paint): string[] {
  const { job } = lane;
  if (!job) return [];
  const name = clean(job.filename);
  const hint = laneHint(lane, job, { id: job.id.slice(0, 8) });
  const load = loadCommand({ ...job, id: job.id.slice(0, 8) });
  const answer = answerCommands({ ...job, id: job.id.slice(0, 8) });
  const fix = fixCommand(job);
  return [
    ...(job.failure && job.status !== 'completed'
      ? [`  ${name}: ${paint.red(clean(job.failure.message))}`]
      : []),
    ...(answer
      ? [
          `  ${name}: to commit its rows: ${paint.cyan(answer.accept)}`,
          `  ${name}: to roll them back: ${paint.cyan(answer.discard)}`,
        ]
      : []),
    ...(load ? [`  ${name}: to load it: ${paint.cyan(load)}`] : []),
    ...(hint ? [`  ${name}: ${hint.when}: ${paint.cyan(hint.command)}`] : []),
    ...(job.failedCount > 0 ? [`  report: ${paint.cyan(reportCommand(job))}`] : []),
    ...(fix ? [`  to fix them: ${paint.cyan(fix)}`] : []),
  ];
}

function cut(text: string, columns: number): string {
  return cutMiddle(text, Math.max(1, columns), stringWidth);
}
