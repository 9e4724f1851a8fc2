/** `csvjobs show`: shows a job's details. */

import type { Chain, Job } from '@csvjobs/shared';
import { hasModeCounts } from '@csvjobs/shared/rules';
import { canAsk } from '../ask.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { fixCommand } from '../report/fixCommand.js';
import { firstAdvice, reasonsOf, worstReasons } from '../report/reasons.js';
import { reportName } from '../report/reportName.js';
import { retryHint } from '../report/retryHint.js';
import { goodText } from '../text/counts.js';
import { cutMiddle } from '../text/cut.js';
import { otherTable } from '../text/fileAndTable.js';
import { folded } from '../text/fold.js';
import { answerCommands, changedLines, heldText, removedLines } from '../text/heldRows.js';
import { labelledLines } from '../text/labelled.js';
import { namedValues } from '../text/namedValues.js';
import { fullStatus, loadCommand } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { readingText } from '../text/reading.js';
import { widthOf } from '../text/table.js';
import {
  age,
  bytes,
  clean,
  count,
  duration,
  percent,
  plural,
  shellQuote,
  speed,
  toJson,
} from '../text/text.js';
import { undoLines } from '../text/undone.js';
import { wrapped } from '../text/wrap.js';
import { isRetried, rateOf, workedFor } from '../ui/lane.js';
import { jobPaint, jobSign } from '../ui/status.js';

/** Number of first rejects to show; the report has them all. */
const REJECTS_SHOWN = 10;

const REASONS_SHOWN = 5;

export async function show(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const job = await client.job(await resolveId(client, id));
  const { out, json, quiet } = context;
  if (json) out.line(toJson(job, out.tty ? 2 : undefined));
  else if (quiet) out.line(job.id);
  else for (const line of await describe(job, out.paint, out.columns, canAsk(context))) out.hint(line);
  return EXIT.done;
}

/**
 * Returns the lines that describe a job.
 * @param asks whether a printed command can ask questions where it will run
 */
export async function describe(
  job: Job,
  paint: Paint,
  columns: number | undefined,
  asks = true,
): Promise<string[]> {
  const facts: [label: string, value: string][] = [
    ['File', `${clean(job.filename)} (${bytes(job.sizeBytes)})`],
    ...(job.origin ? [['Source', clean(job.origin.address)] satisfies [string, string]] : []),
    ...(job.table === undefined ? [] : [['Table', clean(job.table)] satisfies [string, string]]),
    ['Status', jobPaint(job, paint)(`${jobSign(job)} ${fullStatus(job)}`)],
    ['Rows', rows(job)],
    ...modeFacts(job),
    ['Good', goodText(job.successCount, job.counts)],
    ...(job.counts?.removed === undefined
      ? []
      : [['Removed', `${plural(job.counts.removed, 'row')} of the table`] satisfies [string, string]]),
    ['Rejected', count(job.failedCount)],
    ...chainFacts(job),
    ['Uploaded', when(job.createdAt)],
  ];
  if (job.startedAt !== null) {
    // Between the upload and the start of a retried job there may have been a run and its undo; `Time` has the waiting.
    if (!isRetried(job))
      facts.push(['Waited', duration(Date.parse(job.startedAt) - Date.parse(job.createdAt))]);
    if (job.status !== 'held') facts.push(took(job));
  }
  if (job.timings) {
    const { queuedMs, readingMs, loadingMs } = job.timings;
    const parts = [
      `queued ${duration(queuedMs)}`,
      `reading ${duration(readingMs)}`,
      `loading ${duration(loadingMs)}`,
    ];
    facts.push(['Time', parts.join(', ')]);
  }
  if (job.held && (job.status === 'held' || job.held.answer !== undefined))
    facts.push(['Held', heldText(job.held)]);
  if (job.undone) facts.push(['Undone', `${when(job.undone.at)}, by ${clean(job.undone.by)}`]);
  if (job.attempt > 1) facts.push(['Attempts', count(job.attempt)]);
  if (job.source) {
    const { encoding, delimiter, compression } = job.source;
    const packed = compression === 'none' ? '' : `, ${compression}`;
    facts.push(['Read as', `${clean(encoding)}, fields separated by ${delimiterName(delimiter)}${packed}`]);
  }
  if (job.spec) facts.push(['Spec', `to see it: csvjobs show ${job.id.slice(0, 8)} --json`]);
  // The content of an object was not read at the upload, so `sha256` is not its hash.
  facts.push(job.origin ? ['ETag', clean(job.origin.etag)] : ['SHA-256', job.sha256]);
  const out = [
    `${paint.bold('Job')} ${job.id}`,
    ...labelledLines(
      facts.map(([label, value]) => [paint.dim(label), value]),
      columns,
      '  ',
    ),
  ];
  if (job.undone) out.push('', ...undoLines(job.undone, columns, '  '));
  if (job.failure) {
    const label = job.status === 'failed' ? 'Failed' : 'Last fault';
    const text = `${paint.red(label)}: ${clean(job.failure.message)} (${clean(job.failure.code)})`;
    out.push('', ...foldedTo(text, columns).split('\n'));
  }
  const answer = answerCommands({ ...job, id: job.id.slice(0, 8) });
  if (answer) out.push('', `To commit its rows: ${answer.accept}`, `To roll them back: ${answer.discard}`);
  if (job.status === 'held' && job.held && job.held.rows.length > 0)
    out.push(
      '',
      'First rows (+ new, ~ changed: old → new)',
      ...(await cutLines(changedLines({ ...job, held: job.held }), columns)),
    );
  if (job.removedRows) out.push('', 'First removed rows', ...(await cutLines(removedLines(job), columns)));
  const load = loadCommand({ ...job, id: job.id.slice(0, 8) }, asks);
  if (load) out.push('', `To load it: ${load}`);
  const fix = fixCommand(job);
  if (fix) out.push('', `To fix the remaining rows: ${fix}`);
  const hint = retryHint({ ...job, id: job.id.slice(0, 8) }, { asks });
  if (hint) out.push('', `${upperFirst(hint.when)}: ${hint.command}`);
  if (job.notices.length > 0) out.push('', 'Notices', ...(await noticeParagraphs(job, columns)));
  if (job.reasons && job.reasons.length > 0) out.push('', ...(await reasonLines(job, paint, columns)));
  if (job.errors.length > 0) out.push('', ...(await rejects(job, paint, columns)));
  return out;
}

/** @param columns of the terminal; undefined in a pipe, where nothing is folded */
function foldedTo(text: string, columns: number | undefined): string {
  return columns === undefined ? text : folded(text, columns);
}

function took(job: Job): [label: string, value: string] {
  const ms = workedFor(job, Date.now())!;
  const perSecond = rateOf(job, ms);
  const rate = perSecond === undefined ? '' : `, ${speed(perSecond)}`;
  const running = job.status === 'pending' ? 'Worked' : 'Running';
  // Work without the time between attempts, which are all since the upload, or since the retry of an undone job.
  const label = job.completedAt === null ? running : isRetried(job) ? 'Worked' : 'Took';
  return [label, `${duration(ms)}${rate}`];
}

/** How rows are written, if not by default: `update; rows found by sku`. */
function modeFacts({ mode }: Job): [label: string, value: string][] {
  if (!mode || !hasModeCounts(mode)) return [];
  const { onConflict, key, updateOnly, replace, maxRemoved } = mode;
  const how = replace
    ? `replace; at most ${clean(String(maxRemoved))} of its rows removed`
    : `${onConflict}${updateOnly ? ', no new rows' : ''}`;
  return [['Mode', key ? `${how}; rows found by ${clean(key.join(', '))}` : how]];
}

/** Which job its rejected rows or file came from, and what happened to its own rejects. */
function chainFacts({ parent, dryRunId, chain }: Job): [label: string, value: string][] {
  return [
    ...(parent === undefined ? [] : [['Fixes', `job ${parent.slice(0, 8)}`] satisfies [string, string]]),
    ...(dryRunId === undefined
      ? []
      : [['Dry run', `job ${dryRunId.slice(0, 8)}`] satisfies [string, string]]),
    ...(chain ? [['In all', chainText(chain)] satisfies [string, string]] : []),
    ...(chain
      ? [['Fixed in', chain.jobs.map((id) => id.slice(0, 8)).join(', ')] satisfies [string, string]]
      : []),
  ];
}

/** `10,000 rows: 9,700 loaded, 280 fixed, 20 left` */
export function chainText({ rows: all, loaded, fixed, left, leftOut }: Chain): string {
  const parts = [
    `${count(loaded)} loaded`,
    `${count(fixed)} fixed`,
    `${count(left)} left`,
    ...(leftOut > 0 ? [`${count(leftOut)} left out of the fixed files`] : []),
  ];
  return `${plural(all, 'row')}: ${parts.join(', ')}`;
}

/** All notices in full; lines too long for the terminal wrap between words. */
async function noticeParagraphs({ notices }: Job, columns: number | undefined): Promise<string[]> {
  const room = columns === undefined ? undefined : columns - 4;
  const all = [...new Set(notices)].map(async (notice) => {
    const [first = '', ...rest] = await wrapped(clean(notice), room);
    return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
  });
  return (await Promise.all(all)).flat();
}

async function cutLines(lines: readonly string[], columns: number | undefined): Promise<string[]> {
  const measure = await widthOf(lines);
  const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - 2;
  return lines.map((line) => `  ${cutMiddle(line, room, measure)}`);
}

async function reasonLines(job: Job, paint: Paint, columns: number | undefined): Promise<string[]> {
  const { worst, others } = worstReasons(reasonsOf(job), REASONS_SHOWN);
  const reasons = worst.map(({ message, rows }) => ({ rows, text: clean(message) }));
  if (others.reasons > 0)
    reasons.push({
      rows: others.rows,
      text: `for ${plural(others.reasons, 'other reason')}: csvjobs errors ${job.id.slice(0, 8)} --summary`,
    });
  const numbers = Math.max(...reasons.map(({ rows }) => count(rows).length));
  const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - numbers - 4;
  const measure = await widthOf(reasons.map(({ text }) => text));
  const lines = reasons.map(
    ({ rows, text }) => `  ${paint.yellow(count(rows).padStart(numbers))}  ${cutMiddle(text, room, measure)}`,
  );
  const advice = firstAdvice(reasonsOf(job));
  const advised = advice === undefined ? [] : await wrapped(clean(advice), columns && columns - 2);
  return ['Reasons of rejection', ...lines, ...advised.map((line) => `  ${line}`)];
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

async function rejects(job: Job, paint: Paint, columns: number | undefined): Promise<string[]> {
  const first = job.errors.slice(0, REJECTS_SHOWN);
  const numbers = Math.max(...first.map(({ rowNumber }) => count(rowNumber).length));
  const isOther = otherTable(job.table) !== undefined;
  const texts = first.map(({ message, row }) => ({
    message: clean(message),
    // JSON happens to have the columns of customers in the table's order.
    row: clean(isOther ? namedValues(row) : Object.values(row).join(', ')),
  }));
  const measure = await widthOf(texts.flatMap(({ message, row }) => [message, row]));
  const out = [`First rejected rows (${count(first.length)} of ${count(job.failedCount)})`];
  for (const [index, { message, row }] of texts.entries()) {
    const number = count(first[index]?.rowNumber ?? 0).padStart(numbers);
    const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - numbers - 4;
    const shown = cutMiddle(message, room, measure);
    const rest = room - measure(shown) - 2;
    const values = rest >= 12 ? `  ${paint.dim(cutMiddle(row, rest, measure))}` : '';
    out.push(`  ${number}  ${paint.yellow(shown)}${values}`);
  }
  out.push(
    '',
    `All of them: csvjobs errors ${job.id.slice(0, 8)} -o ${shellQuote(reportName(job.filename))}`,
  );
  return out;
}

function rows(job: Job): string {
  if (job.reading) return `not counted yet: ${readingText(job.reading)}`;
  if (job.totalRows === 0 && job.status !== 'completed') return 'not counted yet';
  if (job.processedRows === job.totalRows) return count(job.totalRows);
  return `${count(job.processedRows)} of ${plural(job.totalRows, 'row')} (${percent(job.processedRows, job.totalRows)})`;
}

function when(iso: string): string {
  const since = age(Math.max(0, Date.now() - Date.parse(iso)));
  return `${iso.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')} (${since === 'now' ? since : `${since} ago`})`;
}

function delimiterName(delimiter: string): string {
  return { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' }[delimiter] ?? `"${clean(delimiter)}"`;
}
