/** One of several files, in a line. */
import { Box, Text } from 'ink';
import { fileAndTable } from '../text/fileAndTable.js';
import type { Paint } from '../text/paint.js';
import { bytes, clean, count, duration, percent } from '../text/text.js';
import { bar } from './bar.js';
import { sign } from './LaneDetail.js';
import { fraction, type Lane, remaining, workedFor } from './lane.js';

export function LaneLine({
  lane,
  paint,
  width,
  chosen,
}: {
  lane: Lane;
  paint: Paint;
  width: number;
  chosen: boolean;
}) {
  const narrow = width < 70;
  const nameWidth = narrow ? Math.max(8, width - 28) : Math.min(32, Math.floor(width * 0.3));
  // What is left beside it is for counts of seven digits and the ETA: 33 cells of 80.
  const barWidth = narrow ? 0 : Math.min(30, Math.max(8, Math.floor(width / 2) - 30));
  const name = fileAndTable(lane.name, lane.table);
  const part = fraction(lane);
  const { filled, empty } = bar(part ?? 0, barWidth);
  return (
    <Box width={width} columnGap={1}>
      <Box flexShrink={0}>
        <Text>
          {chosen ? paint.cyan('›') : ' '} {sign(lane, paint)}
        </Text>
      </Box>
      <Box width={nameWidth} flexShrink={0}>
        <Text wrap="truncate-middle">{chosen ? paint.bold(name) : name}</Text>
      </Box>
      {barWidth > 0 && (
        <Box flexShrink={0}>
          <Text>
            {paint.cyan(filled)}
            {paint.dim(empty)}
          </Text>
        </Box>
      )}
      <Box width={6} flexShrink={0} justifyContent="flex-end">
        <Text>{part === undefined ? '' : percent(part, 1)}</Text>
      </Box>
      <Box flexShrink={1}>
        <Text wrap="truncate">{summary(lane, paint)}</Text>
      </Box>
    </Box>
  );
}

function summary(lane: Lane, paint: Paint): string {
  const left = remaining(lane);
  const eta = left === undefined ? '' : `  ETA ${duration(left)}`;
  if (lane.phase === 'error') return paint.red(clean(lane.error?.message ?? 'error'));
  if (lane.reconnecting !== undefined) return paint.yellow('reconnecting');
  if (lane.phase === 'waiting') return paint.dim('waiting');
  if (lane.phase === 'uploading') return `${bytes(lane.sentBytes)} sent${eta}`;
  if (lane.phase === 'pending') return paint.dim('waiting for its turn');
  const bad = lane.badRows > 0 ? paint.yellow(`${count(lane.badRows)} ✗`) : paint.dim('0 ✗');
  const took = lane.job ? workedFor(lane.job) : undefined;
  const end = lane.phase === 'processing' ? eta : took === undefined ? '' : `  ${duration(took)}`;
  const status = lane.phase === 'failed' || lane.phase === 'cancelled' ? `${paint.red(lane.phase)}  ` : '';
  const skipped = lane.counts?.skipped ? `  ${paint.dim(`${count(lane.counts.skipped)} skipped`)}` : '';
  return `${status}${count(lane.goodRows)} ✓  ${bad}${skipped}${end}`;
}
