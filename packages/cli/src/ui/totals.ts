/** Several files in one line: how many are done, their rows, their speed and when they will be done. */
import type { ModeCounts } from '@csvjobs/shared';
import stringWidth from 'string-width';
import { countsParts } from '../text/counts.js';
import { nothingLoaded } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { compact, count, duration, plural, speed } from '../text/text.js';
import type { Lane } from './lane.js';

export interface Totals {
  files: number;
  over: number;
  running: number;
  waiting: number;
  processedRows: number;
  goodRows: number;
  badRows: number;
  /** Rows of all files; undefined while the rows of any file are unknown and cannot be estimated from its size. */
  totalRows: number | undefined;
  /** Whether some of these rows are an estimate. */
  estimated: boolean;
  /** Rows per second. */
  rate: number;
}

export function totalsOf(lanes: readonly Lane[]): Totals {
  const sum = (value: (lane: Lane) => number) => lanes.reduce((all, lane) => all + value(lane), 0);
  const over = lanes.filter(isOver).length;
  const running = lanes.filter((lane) => isRunning(lane)).length;
  return {
    files: lanes.length,
    over,
    running,
    waiting: lanes.length - over - running,
    processedRows: sum(({ processedRows }) => processedRows),
    goodRows: sum(({ goodRows }) => goodRows),
    badRows: sum(({ badRows }) => badRows),
    totalRows: rowsOfAll(lanes),
    estimated: lanes.some((lane) => !isCounted(lane)),
    rate: sum(({ phase, rate }) => (phase === 'processing' ? rate : 0)) || rateOfEnded(lanes),
  };
}

export function isOver({ phase }: Lane): boolean {
  return ['completed', 'failed', 'cancelled', 'undone', 'error'].includes(phase);
}

export function isRunning(lane: Lane): boolean {
  return lane.phase === 'uploading' || isLoading(lane);
}

/** Whether a worker has its job. */
export function isLoading({ phase, reading }: Lane): boolean {
  return phase === 'processing' || (phase === 'pending' && reading !== undefined);
}

/** Whether it is known how many rows of a file are processed in the end. */
function isCounted(lane: Lane): boolean {
  return lane.totalRows > 0 || isOver(lane);
}

/** Rows per second of the jobs that have ended, from the first start to the last end; 0 if there are none. */
function rateOfEnded(lanes: readonly Lane[]): number {
  const jobs = lanes.flatMap(({ job }) =>
    job?.startedAt && job.completedAt
      ? [{ rows: job.processedRows, start: Date.parse(job.startedAt), end: Date.parse(job.completedAt) }]
      : [],
  );
  const ms = Math.max(...jobs.map(({ end }) => end)) - Math.min(...jobs.map(({ start }) => start));
  return ms > 0 ? (jobs.reduce((sum, { rows }) => sum + rows, 0) / ms) * 1000 : 0;
}

/** Estimates the rows of files that no worker has read yet, by the bytes per row of the others. */
function rowsOfAll(lanes: readonly Lane[]): number | undefined {
  const known = lanes.filter(isCounted);
  const sum = (some: readonly Lane[], value: (lane: Lane) => number) =>
    some.reduce((all, lane) => all + value(lane), 0);
  // A job that was cancelled or has failed processes no more.
  const rows = sum(known, (lane) => (isOver(lane) ? lane.processedRows : lane.totalRows));
  if (known.length === lanes.length) return rows;
  const bytes = (some: readonly Lane[]) => sum(some, ({ totalBytes }) => totalBytes ?? Number.NaN);
  const counted = known.filter(({ totalRows }) => totalRows > 0);
  const rest = bytes(lanes.filter((lane) => !known.includes(lane)));
  const estimate = (rest * sum(counted, ({ totalRows }) => totalRows)) / bytes(counted);
  return Number.isFinite(estimate) ? rows + Math.round(estimate) : undefined;
}

/**
 * `3 of 30 files · 1,200,000 of 4,000,000 rows · 310,000 rows/s · ETA 9.0 s`: as much of it as fits into `width`. An
 * estimated number of rows has a `~` before it.
 */
export function totalsLine(totals: Totals, width: number): string {
  const { files, over, processedRows, totalRows, estimated, rate } = totals;
  const about = estimated ? '~' : '';
  // The speed of a first small file says nothing of the others.
  const isKnown = totalRows !== undefined && processedRows >= totalRows / 100;
  const left = isKnown && rate > 0 ? ((totalRows - processedRows) / rate) * 1000 : undefined;
  const parts = (number: (value: number) => string) => [
    `${count(over)} of ${plural(files, 'file')}`,
    processedRows === 0 && totalRows === undefined
      ? []
      : `${number(processedRows)}${totalRows === undefined ? '' : ` of ${about}${number(totalRows)}`} ${(totalRows ?? processedRows) === 1 ? 'row' : 'rows'}`,
    rate > 0 ? speed(rate, number) : [],
    left !== undefined && left > 0 ? `ETA ${duration(left)}` : [],
  ];
  for (const number of [count, compact]) {
    const text = parts(number).flat().join(' · ');
    if (text.length <= width) return text;
  }
  const [all = '', rows = ''] = parts(compact).flat();
  return `${all} · ${rows}`.length <= width ? `${all} · ${rows}` : all;
}

/** Summarizes the lanes that are not drawn: `12 done, 9 waiting`. */
export function hiddenLine(hidden: readonly Lane[]): string {
  const { over, running, waiting } = totalsOf(hidden);
  const parts = [
    over > 0 ? `${count(over)} done` : [],
    running > 0 ? `${count(running)} running` : [],
    waiting > 0 ? `${count(waiting)} waiting` : [],
  ];
  return parts.flat().join(', ');
}

/** What was done with the rows of all files; undefined if that is not known of each file that has rows. */
function countsOf(lanes: readonly Lane[]): ModeCounts | undefined {
  const counts = lanes.flatMap((lane) => lane.counts ?? []);
  const unknown = lanes.some((lane) => !lane.counts && lane.goodRows > 0);
  if (unknown || counts.length === 0) return undefined;
  const sum = (name: keyof ModeCounts) => counts.reduce((all, each) => all + (each[name] ?? 0), 0);
  return {
    ...{ inserted: sum('inserted'), updated: sum('updated'), unchanged: sum('unchanged') },
    ...{ skipped: sum('skipped'), removed: sum('removed') },
  };
}

/** Says that good rows are not in a table: those of dry runs, and of atomic jobs that did not complete. */
function notLoaded(lanes: readonly Lane[]): string[] {
  const good = lanes.filter(({ goodRows }) => goodRows > 0);
  const none = ({ job, phase }: Lane) => (job && phase !== 'held' ? nothingLoaded(job) : undefined);
  const said = good.flatMap((lane) => none(lane) ?? []);
  if (said.length === 0) return [];
  if (said.length === good.length) return [new Set(said).size === 1 ? said[0]! : 'nothing was loaded'];
  const rows = good.reduce((sum, lane) => sum + (none(lane) === undefined ? 0 : lane.goodRows), 0);
  return [`${count(rows)} of the good rows not loaded`];
}

/**
 * At the end: how the files ended, and what happened to all rows. A line that is too long is broken between these
 * parts, never inside one: `12,345 unchanged` stays together.
 */
export function summaryLines(
  lanes: readonly Lane[],
  paint: Paint,
  tookMs: number,
  width: number,
): [string, ...string[]] {
  const done = lanes.filter(({ phase }) => phase === 'completed');
  const number = (phase: Lane['phase']) => lanes.filter((lane) => lane.phase === phase).length;
  const clean = done.filter(({ badRows }) => badRows === 0).length;
  const empty = done.filter(({ badRows, goodRows }) => badRows > 0 && goodRows === 0).length;
  const said = (value: number, text: string, color: (text: string) => string) =>
    value > 0 ? color(`${count(value)} ${text}`) : [];
  const { files, goodRows, badRows, over } = totalsOf(lanes);
  const states = [
    said(clean, 'loaded', paint.green),
    said(done.length - clean - empty, 'with rejected rows', paint.yellow),
    said(empty, 'with every row rejected', paint.red),
    said(number('failed'), 'failed', paint.red),
    said(number('cancelled'), 'cancelled', paint.red),
    said(number('error'), 'not loaded', paint.red),
    said(number('held'), 'held', paint.yellow),
    said(files - over - number('held'), 'not finished', paint.yellow),
  ].flat();
  const [first = '', ...more] = states;
  const [good = '', ...rest] = countsParts(goodRows, badRows, countsOf(lanes));
  const after = (separator: string) => (text: string) => ({ separator, text });
  const parts = [
    ...more.map(after(', ')),
    after(' · ')(good),
    ...rest.map(after(', ')),
    ...notLoaded(lanes).map(after(' · ')),
    after(' · ')(duration(tookMs)),
  ];
  return parts.reduce<[string, ...string[]]>(
    (lines, { separator, text }, at) => {
      const last = lines.pop()!;
      const longer = `${last}${separator}${text}`;
      // Leaves room for the sign after which the next line begins.
      if (stringWidth(longer) + (at === parts.length - 1 ? 0 : 2) <= width) lines.push(longer);
      else lines.push(`${last}${separator.trimEnd()}`, text);
      return lines;
    },
    [`${plural(files, 'file')}: ${first}`],
  );
}
