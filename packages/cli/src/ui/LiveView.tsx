/** Files on their way: one in detail, several with a line each; the keys at the bottom. */

import { Box, Text, useInput } from 'ink';
import { useReducer, useRef, useSyncExternalStore } from 'react';
import { sharedNotices } from '../report/notices.js';
import { retryHint } from '../report/retryHint.js';
import { loadCommand } from '../text/nothingLoaded.js';
import type { Paint } from '../text/paint.js';
import { clean } from '../text/text.js';
import type { ViewActions } from './actions.js';
import type { Board } from './board.js';
import { LaneDetail, reportCommand } from './LaneDetail.js';
import { LaneLine } from './LaneLine.js';
import type { Lane } from './lane.js';
import { NOTICES_ENDED, NOTICES_LIVE, Notices } from './Notices.js';
import { useTerminalSize } from './terminalSize.js';

export interface LiveViewProps {
  board: Board;
  paint: Paint;
  actions: ViewActions & { interrupt(): void };
  interactive: boolean;
  ended: boolean;
}

export function LiveView({ board, paint, actions, interactive, ended }: LiveViewProps) {
  const lanes = useSyncExternalStore(board.subscribe, board.lanes);
  const { columns: width } = useTerminalSize();
  // In a ref, not in state: the second of two quick keys must see what the first one did, drawn or not.
  const { current: focus } = useRef({ place: 0, asking: false, note: '' });
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const tell = (text: Promise<string>) =>
    void text.then((note) => {
      focus.note = note;
      redraw();
    });

  useInput(
    (input, key) => {
      const now = board.lanes();
      const chosen = now[focus.place];
      if (key.ctrl && input === 'c') actions.interrupt();
      else if (focus.asking) {
        focus.asking = false;
        if (input === 'y' && chosen?.jobId) tell(actions.cancel(chosen.jobId));
      } else if (key.upArrow) focus.place = Math.max(0, focus.place - 1);
      else if (key.downArrow) focus.place = Math.min(now.length - 1, focus.place + 1);
      else if (input === 'q') actions.leave();
      else if (input === 'e' && chosen?.jobId)
        tell(actions.saveReport(chosen.jobId, chosen.name, isOver(chosen)));
      else if (input === 'c' && chosen?.jobId && !isOver(chosen)) focus.asking = true;
      redraw();
    },
    { isActive: interactive },
  );
  const lane = lanes[focus.place];
  const { note } = focus;

  return (
    // Cut at the terminal's edge: Ink draws a resized terminal once before this component has its new width.
    <Box width="100%" overflowX="hidden">
      <Box flexDirection="column" width={width}>
        {lanes.length === 1 && lane ? (
          <LaneDetail lane={lane} paint={paint} width={width} />
        ) : (
          lanes.map((each) => (
            <LaneLine
              key={each.place}
              lane={each}
              paint={paint}
              width={width}
              chosen={interactive && each.place === focus.place}
            />
          ))
        )}
        {lanes.length > 1 && <SharedNotices lanes={lanes} paint={paint} width={width} ended={ended} />}
        {ended && lanes.length > 1 && <Endings lanes={lanes} paint={paint} width={width} />}
        {note !== '' && <Text wrap="truncate">{paint.dim(`  ${clean(note)}`)}</Text>}
        {interactive && !ended && (
          <Usage lane={lane} several={lanes.length > 1} asking={focus.asking} paint={paint} />
        )}
      </Box>
    </Box>
  );
}

/** The notices on several files; a line a file has no room for them. */
function SharedNotices({
  lanes,
  paint,
  width,
  ended,
}: {
  lanes: readonly Lane[];
  paint: Paint;
  width: number;
  ended: boolean;
}) {
  const shown = sharedNotices(lanes, ended ? NOTICES_ENDED : NOTICES_LIVE);
  if (shown.texts.length === 0) return null;
  return (
    <Box marginTop={1} marginLeft={2}>
      <Notices shown={shown} paint={paint} width={width - 2} />
    </Box>
  );
}

/** What to look at next, where a line a file has no room for it. */
function Endings({ lanes, paint, width }: { lanes: readonly Lane[]; paint: Paint; width: number }) {
  const told = lanes.flatMap(({ place, job }) => {
    if (!job) return [];
    const lines = [];
    if (job.failure && job.status !== 'completed')
      lines.push({
        key: `${place} why`,
        text: `${clean(job.filename)}: ${paint.red(clean(job.failure.message))}`,
      });
    const load = loadCommand({ ...job, id: job.id.slice(0, 8) });
    if (load)
      lines.push({ key: `${place} load`, text: `${clean(job.filename)}: to load it: ${paint.cyan(load)}` });
    const hint = retryHint({ ...job, id: job.id.slice(0, 8) });
    if (hint)
      lines.push({
        key: `${place} retry`,
        text: `${clean(job.filename)}: ${hint.when}: ${paint.cyan(hint.command)}`,
      });
    if (job.failedCount > 0) {
      const command = reportCommand(job, width - '  report: '.length);
      lines.push({ key: `${place} report`, text: `report: ${paint.cyan(command)}` });
    }
    return lines;
  });
  return told.length === 0 ? null : (
    <Box flexDirection="column" marginTop={1} marginLeft={2}>
      {told.map(({ key, text }) => (
        <Text key={key}>{text}</Text>
      ))}
    </Box>
  );
}

function Usage({
  lane,
  several,
  asking,
  paint,
}: {
  lane: Lane | undefined;
  several: boolean;
  asking: boolean;
  paint: Paint;
}) {
  const text = asking
    ? paint.yellow(`Cancel ${clean(lane?.name ?? '')}? y yes · any other key no`)
    : paint.dim(keysOf(lane, several).join(' · '));
  return (
    <Box marginTop={1} marginLeft={2}>
      <Text>{text}</Text>
    </Box>
  );
}

function keysOf(lane: Lane | undefined, several: boolean): string[] {
  const keys = several ? ['↑↓ choose', 'q leave'] : ['q leave'];
  if (!lane?.jobId) return keys;
  return isOver(lane) ? [...keys, 'e save report'] : [...keys, 'e save report', 'c cancel'];
}

function isOver({ phase }: Lane): boolean {
  return ['completed', 'failed', 'cancelled', 'undone', 'error'].includes(phase);
}
