/** Files on their way: one in detail, several with a line each; the keys at the bottom. */
import { Box, Text, useInput, useStdout } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Paint } from '../paint.js';
import { clean, shellQuote } from '../text.js';
import type { ViewActions } from './actions.js';
import type { Board } from './board.js';
import { LaneDetail } from './LaneDetail.js';
import { LaneLine } from './LaneLine.js';
import { type Lane, reportName } from './lane.js';

export interface LiveViewProps {
  board: Board;
  paint: Paint;
  actions: ViewActions & { interrupt(): void };
  interactive: boolean;
  ended: boolean;
}

export function LiveView({ board, paint, actions, interactive, ended }: LiveViewProps) {
  const lanes = useSyncExternalStore(board.subscribe, board.lanes);
  const width = useColumns();
  const [chosen, setChosen] = useState(0);
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const lane = lanes[chosen];
  const tell = (text: Promise<string>) => void text.then(setNote);

  useInput(
    (input, key) => {
      if (key.ctrl && input === 'c') return actions.interrupt();
      if (asking) {
        setAsking(false);
        if (input === 'y' && lane?.jobId) tell(actions.cancel(lane.jobId));
        return;
      }
      if (key.upArrow) setChosen(Math.max(0, chosen - 1));
      else if (key.downArrow) setChosen(Math.min(lanes.length - 1, chosen + 1));
      else if (input === 'q') actions.leave();
      else if (input === 'e' && lane?.jobId) tell(actions.saveReport(lane.jobId, lane.name));
      else if (input === 'c' && lane?.jobId && !isOver(lane)) setAsking(true);
    },
    { isActive: interactive },
  );

  return (
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
            chosen={interactive && each.place === chosen}
          />
        ))
      )}
      {ended && lanes.length > 1 && <Endings lanes={lanes} paint={paint} />}
      {note !== '' && <Text wrap="truncate">{paint.dim(`  ${clean(note)}`)}</Text>}
      {interactive && !ended && (
        <Usage lane={lane} several={lanes.length > 1} asking={asking} paint={paint} />
      )}
    </Box>
  );
}

/** What to look at next, where a line a file has no room for it. */
function Endings({ lanes, paint }: { lanes: readonly Lane[]; paint: Paint }) {
  const told = lanes.flatMap(({ place, job }) => {
    if (!job) return [];
    const lines = [];
    if (job.failure && job.status !== 'completed')
      lines.push({
        key: `${place} why`,
        text: `${clean(job.filename)}: ${paint.red(clean(job.failure.message))}`,
      });
    if (job.failedCount > 0) {
      const command = `csvjobs errors ${job.id.slice(0, 8)} -o ${shellQuote(reportName(job.filename))}`;
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
  return phase === 'completed' || phase === 'failed' || phase === 'cancelled' || phase === 'error';
}

/** The terminal's columns, followed as it is resized. */
function useColumns(): number {
  const { stdout } = useStdout();
  const [columns, setColumns] = useState(stdout.columns || 80);
  useEffect(() => {
    const onResize = () => setColumns(stdout.columns || 80);
    stdout.on('resize', onResize);
    return () => void stdout.off('resize', onResize);
  }, [stdout]);
  return columns;
}
