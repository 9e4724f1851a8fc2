/** Files being loaded: one in detail, several with a line each, and the keys at the bottom. */
import { Box, Text } from 'ink';
import { useEffect, useReducer, useSyncExternalStore } from 'react';
import type { Paint } from '../text/paint.js';
import type { ViewActions } from './actions.js';
import type { Board } from './board.js';
import type { Lane } from './lane.js';
import { current, liveFrame } from './liveFrame.js';
import { answerTo, QUESTIONS, type Question, questionLines } from './questions.js';
import { useTerminalSize } from './terminalSize.js';
import { isOver } from './totals.js';
import { useKeys } from './useKeys.js';

export interface LiveViewProps {
  board: Board;
  focus: Focus;
  paint: Paint;
  /** Writes a command as the user has to type it. */
  typed(command: string): string;
  actions: ViewActions & { interrupt(): void };
  interactive: boolean;
}

/** Not in state: the second of two quick keys must see the effect of the first, drawn or not; and a suspension keeps it. */
export interface Focus {
  /** Undefined until the user chooses a file. Until then it is the one that is running. */
  place: number | undefined;
  open: boolean;
  /** The file that the open question is about, and the action in question. */
  asking: { lane: Lane; what: Question } | undefined;
  note: string;
}

export function newFocus(): Focus {
  return { place: undefined, open: false, asking: undefined, note: '' };
}

export function LiveView({ board, focus, paint, typed, actions, interactive }: LiveViewProps) {
  const lanes = useSyncExternalStore(board.subscribe, board.lanes);
  const { columns, rows } = useTerminalSize();
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const showStatus = (meanwhile: string, text: Promise<string>) => {
    focus.note = meanwhile;
    void text.then((note) => {
      focus.note = note;
      redraw();
    });
  };

  useKeys((input, key) => {
    const now = board.lanes();
    const place = focus.place ?? current(now);
    const chosen = now[place];
    const { asking } = focus;
    if (key.ctrl && input === 'c') actions.interrupt();
    else if (asking) {
      focus.asking = undefined;
      const { lane, what } = asking;
      if (input === 'y' && lane.jobId)
        showStatus(`${QUESTIONS[what].doing} ${lane.name} …`, answerTo(what, lane.jobId, lane.name, actions));
    } else if (key.upArrow || input === 'k') focus.place = Math.max(0, place - 1);
    else if (key.downArrow || input === 'j') focus.place = Math.min(now.length - 1, place + 1);
    else if (input === 'q') actions.leave();
    else if (focus.open && (key.return || key.escape || key.leftArrow || key.backspace)) focus.open = false;
    else if (key.return && now.length > 1) Object.assign(focus, { open: true, place });
    else if (input === 'e' && chosen?.jobId)
      showStatus(
        `saving the report of ${chosen.name} …`,
        actions.saveReport(chosen.jobId, chosen.name, isOver(chosen)),
      );
    else if (chosen && questionsOf(chosen).some((each) => each === input))
      focus.asking = { lane: chosen, what: input as Question };
    redraw();
  }, interactive);
  // While a file is being read, redraw so that its seconds advance.
  const reading = lanes.some(({ phase, reading }) => phase === 'pending' && reading !== undefined);
  useEffect(() => {
    if (!reading) return;
    const timer = setInterval(redraw, 1_000);
    return () => clearInterval(timer);
  }, [reading]);

  const chosen = focus.place ?? current(lanes);
  const usage = interactive ? usageOf(lanes, chosen, focus, paint, columns - 2) : undefined;
  const { open, note } = focus;
  const lines = liveFrame(
    { lanes, chosen, open, note, usage },
    { columns, rows, paint, typed, now: board.now() },
  );
  return (
    // Cut at the terminal's edge: after a resize, Ink draws once before this component knows the new width.
    <Box width="100%" overflowX="hidden">
      <Box flexDirection="column" width={columns}>
        {lines
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

function usageOf(
  lanes: readonly Lane[],
  chosen: number,
  { open, asking }: Focus,
  paint: Paint,
  room: number,
) {
  if (asking) {
    return questionLines(asking.what, asking.lane.name, room).map((line) => paint.yellow(line));
  }
  const keys = keysOf(lanes[chosen], lanes.length > 1, open);
  while (keys.length > 1 && keys.join(' · ').length > room) keys.pop();
  return [paint.dim(keys.join(' · '))];
}

/** Returns the possible questions about a file. */
function questionsOf(lane: Lane): readonly Question[] {
  if (!lane.jobId || isOver(lane)) return [];
  return lane.phase === 'held' ? ['a', 'd'] : ['c'];
}

/** The least important keys come last. */
function keysOf(lane: Lane | undefined, several: boolean, open: boolean): string[] {
  const keys = !several
    ? ['q leave']
    : open
      ? ['enter back', 'q leave']
      : ['↑↓ choose', 'enter open', 'q leave'];
  if (!lane?.jobId) return keys;
  const asks = questionsOf(lane).map((key) => `${key} ${QUESTIONS[key].verb.toLowerCase()}`);
  return lane.phase === 'held' ? [...asks, ...keys, 'e save report'] : [...keys, 'e save report', ...asks];
}
