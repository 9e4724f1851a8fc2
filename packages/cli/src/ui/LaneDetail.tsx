/** One file in detail: name, bar, rows with rate and ETA, good and bad, the reasons of rejection. */

import { Box, Text } from 'ink';
import { shownNotices } from '../report/notices.js';
import { worstReasons } from '../report/reasons.js';
import { reportName } from '../report/reportName.js';
import { retryHint } from '../report/retryHint.js';
import { modeParts } from '../text/counts.js';
import { fileAndTable } from '../text/fileAndTable.js';
import type { Paint } from '../text/paint.js';
import { bytes, clean, count, duration, percent, plural, shellQuote } from '../text/text.js';
import { bar, sparkline } from './bar.js';
import { fraction, type Lane, remaining, workedFor } from './lane.js';
import { NOTICES_ENDED, NOTICES_LIVE, Notices } from './Notices.js';
import { statusPaint, statusSign } from './status.js';

const REASONS_SHOWN = 3;

/** The view is no wider than this: a bar across a very wide screen tells no more. */
const WIDEST = 100;

export function LaneDetail({ lane, paint, width }: { lane: Lane; paint: Paint; width: number }) {
  const room = Math.min(width, WIDEST) - 2;
  return (
    <Box flexDirection="column">
      <Title lane={lane} paint={paint} width={Math.min(width, WIDEST)} />
      <Box flexDirection="column" marginLeft={2}>
        {lane.phase !== 'completed' && lane.phase !== 'error' && (
          <Bar lane={lane} paint={paint} width={room} />
        )}
        <Numbers lane={lane} paint={paint} width={room} />
        <Notices
          shown={shownNotices(lane.notices, lane.job ? NOTICES_ENDED : NOTICES_LIVE)}
          paint={paint}
          width={room}
        />
        <Reasons lane={lane} paint={paint} />
        <Ending lane={lane} paint={paint} width={room} />
      </Box>
    </Box>
  );
}

function Title({ lane, paint, width }: { lane: Lane; paint: Paint; width: number }) {
  const id = lane.jobId?.slice(0, 8) ?? '';
  return (
    <Box width={width} justifyContent="space-between">
      <Box flexShrink={1} marginRight={2}>
        <Text wrap="truncate-middle">
          {sign(lane, paint)} {paint.bold(fileAndTable(lane.name, lane.table))}
        </Text>
      </Box>
      <Box flexShrink={0}>
        <Text>{paint.dim(id)}</Text>
      </Box>
    </Box>
  );
}

/** A sign of one cell for each phase. */
export function sign({ phase, badRows }: Lane, paint: Paint): string {
  if (phase === 'error') return paint.red('✗');
  if (phase === 'waiting') return paint.dim('○');
  if (phase === 'uploading') return paint.cyan('↑');
  return statusPaint(phase, badRows, paint)(statusSign(phase));
}

function Bar({ lane, paint, width }: { lane: Lane; paint: Paint; width: number }) {
  const part = fraction(lane);
  const label = part === undefined ? '' : percent(part, 1).padStart(6);
  const { filled, empty } = bar(part ?? 0, width - 7);
  const color = lane.phase === 'failed' || lane.phase === 'cancelled' ? paint.red : paint.cyan;
  return (
    <Text wrap="truncate">
      {color(filled)}
      {paint.dim(empty)} {label}
    </Text>
  );
}

function Numbers({ lane, paint, width }: { lane: Lane; paint: Paint; width: number }) {
  const parts = numbers(lane, paint);
  const spark = lane.phase === 'processing' && width >= 60 ? sparkline(lane.rates, 16) : '';
  return (
    <Box flexWrap="wrap" columnGap={3}>
      {parts.map((part) => (
        <Box key={part.key} flexShrink={0}>
          <Text>{part.text}</Text>
        </Box>
      ))}
      {spark !== '' && <Text>{paint.dim(spark)}</Text>}
    </Box>
  );
}

function numbers(lane: Lane, paint: Paint): { key: string; text: string }[] {
  const parts: { key: string; text: string }[] = [];
  const left = remaining(lane);
  const eta = left === undefined ? [] : [{ key: 'eta', text: `ETA ${duration(left)}` }];
  if (lane.reconnecting !== undefined)
    parts.push({ key: 'away', text: paint.yellow(`reconnecting (${clean(lane.reconnecting)})`) });
  if (lane.phase === 'waiting') return [{ key: 'phase', text: paint.dim('waiting') }];
  if (lane.phase === 'error') return parts;
  if (lane.phase === 'uploading') {
    const whole = lane.totalBytes === undefined ? '' : ` of ${bytes(lane.totalBytes)}`;
    parts.push({ key: 'bytes', text: `uploading ${bytes(lane.sentBytes)}${whole}` });
    if (lane.rate > 0) parts.push({ key: 'rate', text: `${bytes(Math.round(lane.rate))}/s` });
    return [...parts, ...eta];
  }
  if (lane.phase === 'pending') return [...parts, { key: 'phase', text: paint.dim('waiting for its turn') }];
  const whole = lane.phase === 'completed' ? '' : ` of ${count(lane.totalRows)}`;
  parts.push({
    key: 'rows',
    text: whole === '' ? plural(lane.processedRows, 'row') : `${count(lane.processedRows)}${whole} rows`,
  });
  for (const part of lane.counts ? modeParts(lane.counts) : [`${count(lane.goodRows)} good`])
    parts.push({ key: `good ${part}`, text: `${paint.green('✓')} ${part}` });
  const bad = `${count(lane.badRows)} rejected`;
  parts.push({
    key: 'bad',
    text: lane.badRows > 0 ? `${paint.red('✗')} ${paint.yellow(bad)}` : `${paint.dim('✗')} ${bad}`,
  });
  if (lane.phase === 'processing' && lane.rate > 0)
    parts.push({ key: 'rate', text: `${count(lane.rate)} rows/s` });
  return [...parts, ...(lane.phase === 'processing' ? eta : [])];
}

function Reasons({ lane, paint }: { lane: Lane; paint: Paint }) {
  const { ofFirst } = lane.reasons;
  const { worst, others } = worstReasons(lane.reasons, REASONS_SHOWN);
  if (worst.length === 0) return null;
  const digits = Math.max(...[...worst, others].map(({ rows }) => count(rows).length));
  return (
    <Box flexDirection="column">
      {ofFirst !== undefined && <Text>{paint.dim(`of the first ${ofFirst} rejected:`)}</Text>}
      {worst.map(({ message, rows }) => (
        <Text key={message} wrap="truncate">
          {`${paint.yellow(count(rows).padStart(digits))} ${paint.dim(clean(message))}`}
        </Text>
      ))}
      {others.reasons > 0 && (
        <Text wrap="truncate">
          {`${paint.yellow(count(others.rows).padStart(digits))} ${paint.dim(`for ${plural(others.reasons, 'other reason')}`)}`}
        </Text>
      )}
    </Box>
  );
}

/** The command for the report; without a name to save it under where that would break the line. */
export function reportCommand({ id, filename }: { id: string; filename: string }, room: number): string {
  const print = `csvjobs errors ${id.slice(0, 8)}`;
  const save = `${print} -o ${shellQuote(reportName(filename))}`;
  return save.length <= room ? save : print;
}

function Ending({ lane, paint, width }: { lane: Lane; paint: Paint; width: number }) {
  const { job } = lane;
  if (!job) return null;
  const took = workedFor(job);
  const rate = took === undefined || took === 0 ? '' : `, ${count((job.processedRows / took) * 1000)} rows/s`;
  const hint = retryHint({ ...job, id: job.id.slice(0, 8) });
  const painted = statusPaint(job.status, job.failedCount, paint);
  return (
    <Box flexDirection="column">
      <Text>
        {painted(job.status)}
        {took === undefined ? '' : ` in ${duration(took)}${rate}`}
      </Text>
      {job.failure && job.status !== 'completed' && <Text>{paint.red(clean(job.failure.message))}</Text>}
      {hint && (
        <Text>
          {hint.when}: {paint.cyan(hint.command)}
        </Text>
      )}
      {job.failedCount > 0 && (
        <Text>report: {paint.cyan(reportCommand(job, width - 'report: '.length))}</Text>
      )}
    </Box>
  );
}
