/** One of several files, in one line. */
import stringWidth from 'string-width';
import { modeParts } from '../text/counts.js';
import { cutApart, cutMiddle } from '../text/cut.js';
import { fileAndTable } from '../text/fileAndTable.js';
import { nothingLoaded } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { bytes, clean, compact, count, duration, percent } from '../text/text.js';
import { bar } from './bar.js';
import { fraction, keepsNothing, type Lane, remaining, workedFor } from './lane.js';
import { sign } from './laneDetail.js';
import { pendingText, pendingWord } from './pending.js';

const ID_WIDTH = 8;

/** Cells for counts of seven digits and the ETA, and for counts alone in short form: `4.70M ✓  300k ✗`. */
const SUMMARY_WIDTH = 34;
const COUNTS_WIDTH = 16;

interface Layout {
  paint: Paint;
  width: number;
  /** Width of the names. */
  nameWidth: number;
  now: number;
}

/**
 * Returns a line of at most `width` cells for each file. The counts are shown at any width from 40 up, and as much of the
 * names as tells them apart.
 * @param chosen the file that keys apply to
 * @param now the clock of the lanes, in milliseconds
 */
export function laneLines(
  lanes: readonly Lane[],
  paint: Paint,
  width: number,
  chosen: Lane | undefined,
  now: number,
): string[] {
  const { others, summaryWidth, narrow } = widths(width);
  const nameWidth = Math.min(Math.max(8, width - others - summaryWidth - 2), narrow ? width : 40);
  const names = cutApart(
    lanes.map((lane) => fileAndTable(lane.name, lane.table)),
    nameWidth,
    stringWidth,
  );
  return lanes.map((lane, at) =>
    laneLine(lane, names[at]!, lane.place === chosen?.place, { paint, width, nameWidth, now }),
  );
}

function widths(width: number) {
  const narrow = width < 70;
  const hasId = width >= 80;
  const hasPercent = width >= 50;
  const summaryWidth = narrow ? COUNTS_WIDTH : SUMMARY_WIDTH;
  const barWidth = narrow ? 0 : Math.min(30, Math.max(0, Math.floor(width / 2) - 34));
  const others = 3 + (hasId ? ID_WIDTH + 1 : 0) + (barWidth > 0 ? barWidth + 1 : 0) + (hasPercent ? 5 : 0);
  return { narrow, hasId, hasPercent, summaryWidth, barWidth, others };
}

function laneLine(
  lane: Lane,
  name: string,
  chosen: boolean,
  { paint, width, nameWidth, now }: Layout,
): string {
  const { hasId, hasPercent, barWidth } = widths(width);
  const part = fraction(lane);
  // With all rows done, what was done with them is worth more than a full bar.
  const counted = lane.counts !== undefined && part === 1 && lane.phase !== 'processing';
  const { filled, empty } = bar(part ?? 0, barWidth);
  const parts = [
    `${chosen ? paint.cyan('›') : ' '} ${sign(lane, paint)}`,
    ...(hasId ? [paint.dim((lane.jobId ?? '').slice(0, ID_WIDTH).padEnd(ID_WIDTH))] : []),
    (chosen ? paint.bold(name) : name) + ' '.repeat(Math.max(0, nameWidth - stringWidth(name))),
    ...(barWidth > 0 && !counted ? [paint.cyan(filled) + paint.dim(empty)] : []),
    ...(hasPercent && !counted ? [(part === undefined ? '' : percent(part, 1)).padStart(4)] : []),
  ];
  const head = parts.join(' ');
  return `${head} ${summary(lane, paint, width - stringWidth(head) - 1, now)}`;
}

function summary(lane: Lane, paint: Paint, room: number, now: number): string {
  const cut = (text: string) => cutMiddle(text, room, stringWidth);
  const left = remaining(lane);
  const eta = left === undefined ? '' : `  ETA ${duration(left)}`;
  if (lane.phase === 'error') return paint.red(cut(clean(lane.error?.message ?? 'error')));
  if (lane.reconnecting !== undefined) return paint.yellow(cut('reconnecting'));
  if (lane.phase === 'waiting') return paint.dim(cut('waiting'));
  if (lane.phase === 'uploading') return fitting([`${bytes(lane.sentBytes)} sent`, eta], room);
  if (lane.phase === 'pending') {
    const text = pendingText(lane, (same) => same, now);
    return stringWidth(text) <= room ? text : cut(pendingWord(lane));
  }
  const took = lane.job ? workedFor(lane.job) : undefined;
  const end = lane.phase === 'processing' ? eta : took === undefined ? '' : `  ${duration(took)}`;
  const none = lane.job && nothingLoaded(lane.job);
  const ended = ['failed', 'cancelled', 'undone'].includes(lane.phase) ? `${paint.red(lane.phase)}  ` : '';
  const held = lane.phase === 'held' && !none ? `${paint.yellow('held')}  ` : '';
  const status = `${held}${none === undefined ? '' : `${paint.yellow(none)}  `}${ended}`;
  const rejected = (number: (value: number) => string) =>
    lane.badRows > 0 ? paint.yellow(`${number(lane.badRows)} ✗`) : paint.dim('0 ✗');
  const counts = (number: (value: number) => string) => {
    const skipped = lane.counts?.skipped ? `  ${paint.dim(`${number(lane.counts.skipped)} skipped`)}` : '';
    return `${number(lane.goodRows)} ${keepsNothing(lane) ? 'good' : '✓'}  ${rejected(number)}${skipped}`;
  };
  const words = [count, compact].flatMap((number) =>
    lane.counts ? [[...modeParts(lane.counts, number), rejected(number)].join('  ')] : [],
  );
  for (const text of words.flatMap((each) => [`${status}${each}${end}`, `${status}${each}`]))
    if (stringWidth(text) <= room) return text;
  for (const text of [`${status}${counts(count)}${end}`, `${status}${counts(count)}`, counts(count)])
    if (stringWidth(text) <= room) return text;
  return counts(compact);
}

/** Joins as many of the parts as fit. */
function fitting(parts: readonly string[], room: number): string {
  return parts.reduce((text, part) => (stringWidth(text + part) <= room ? text + part : text), '');
}
