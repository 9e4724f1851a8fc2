/** The screen of `csvjobs map`: a key makes a new state, and a state makes a frame. */
import { Box, Text, useInput } from 'ink';
import { useContext, useSyncExternalStore } from 'react';
import type { Counter } from '../../mapping/counting.js';
import { keysOf } from '../../mapping/keys.js';
import type { ScreenStore } from '../../mapping/store.js';
import type { Paint } from '../../text/paint.js';
import { SuspendKey } from '../suspendKey.js';
import { useTerminalSize } from '../terminalSize.js';
import { frame, listRoom } from './frame.js';

export interface MapViewProps {
  store: ScreenStore;
  counter: Counter;
  paint: Paint;
  interactive: boolean;
}

export function MapView({ store, counter, paint, interactive }: MapViewProps) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const count = useSyncExternalStore(counter.subscribe, counter.count);
  const size = useTerminalSize({ wholeScreen: true });
  const suspend = useContext(SuspendKey);
  useInput(
    (input, key) => {
      if (key.ctrl && input === 'z') return suspend();
      for (const each of keysOf(input, key)) store.send({ type: 'key', key: each, page: listRoom(size) });
    },
    { isActive: interactive },
  );
  return (
    // Cut at the terminal's edge: after a resize, Ink draws once before this component knows the new width.
    <Box width="100%" overflowX="hidden">
      <Box flexDirection="column" width={size.columns}>
        {frame(state, count, size, paint)
          .map((text, place) => ({ text, place }))
          .map((line) => (
            <Text key={line.place} wrap="truncate">
              {line.text === '' ? ' ' : line.text}
            </Text>
          ))}
      </Box>
    </Box>
  );
}
