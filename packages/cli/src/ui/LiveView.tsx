/** Files on their way: one in detail, several with a line each; the keys at the bottom. */
import { Box, Text, useInput, useStdout } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Paint } from '../paint.js';
import { clean } from '../text.js';
import type { ViewActions } from './actions.js';
import type { Board } from './board.js';
import { LaneDetail } from './LaneDetail.js';
import { LaneLine } from './LaneLine.js';
import type { Lane } from './lane.js';

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
      {note !== '' && <Text wrap="truncate">{paint.dim(`  ${clean(note)}`)}</Text>}
      {interactive && !ended && (
        <Usage lane={lane} several={lanes.length > 1} asking={asking} paint={paint} />
      )}
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
  if (asking)
    return (
      <Box marginTop={1}>
        <Text wrap="truncate">
          {paint.yellow(`  Cancel ${clean(lane?.name ?? '')}? y yes · any other key no`)}
        </Text>
      </Box>
    );
  const keys = [
    several ? '↑↓ choose' : '',
    'q leave',
    lane?.jobId ? 'e save report' : '',
    lane?.jobId && !isOver(lane) ? 'c cancel' : '',
  ];
  return (
    <Box marginTop={1}>
      <Text wrap="truncate">{paint.dim(`  ${keys.filter((key) => key !== '').join(' · ')}`)}</Text>
    </Box>
  );
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
