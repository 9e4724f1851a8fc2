/** All jobs, live: a table to choose from, one of them opened; the keys at the bottom. */
import { isFinal, type JobSummary } from '@csvjobs/shared';
import { Box, Text, useInput } from 'ink';
import { useEffect, useReducer, useRef, useState, useSyncExternalStore } from 'react';
import stringWidth from 'string-width';
import { JOB_COLUMNS, jobRows } from '../text/jobTable.js';
import type { Paint } from '../text/paint.js';
import { tableLines } from '../text/table.js';
import { clean, plural } from '../text/text.js';
import type { ViewActions } from './actions.js';
import { keysOfBoard, question } from './boardKeys.js';
import type { Jobs } from './jobs.js';
import { useTerminalSize } from './terminalSize.js';

export interface BoardActions extends ViewActions {
  interrupt(): void;
  refresh(): Promise<string>;
  /** Lines that tell all of a job, no wider than `columns`. */
  describe(jobId: string, columns: number): Promise<string[]>;
}

export interface BoardViewProps {
  jobs: Jobs;
  paint: Paint;
  actions: BoardActions;
  interactive: boolean;
  ended: boolean;
}

/** Lines beside the jobs: the title, an empty one, a note, the keys, and one for the cursor. */
const OTHER_LINES = 5;

export function BoardView({ jobs: store, paint, actions, interactive, ended }: BoardViewProps) {
  const { jobs, reconnecting } = useSyncExternalStore(store.subscribe, store.state);
  const { columns, rows } = useTerminalSize(clear);
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  // In a ref, not in state: the second of two quick keys must see what the first one did, drawn or not.
  const { current: focus } = useRef({ id: '', first: 0, asking: false, note: '', open: false });
  const [told, setTold] = useState<string[]>([]);
  const chosen = chosenOf(jobs, focus.id);
  const room = Math.max(1, rows - OTHER_LINES);

  const said = (text: Promise<string>) =>
    void text.then((note) => {
      focus.note = note;
      redraw();
    });
  const move = (by: number) => {
    const { jobs: now } = store.state();
    const at = Math.max(0, now.indexOf(chosenOf(now, focus.id) as JobSummary));
    focus.id = now[Math.min(now.length - 1, Math.max(0, at + by))]?.id ?? '';
  };
  useInput(
    (input, key) => {
      const now = chosenOf(store.state().jobs, focus.id);
      if (key.ctrl && input === 'c') actions.interrupt();
      else if (focus.asking) {
        focus.asking = false;
        if (input === 'y' && now) said(actions.cancel(now.id));
      } else if (input === 'q') actions.leave();
      else if (focus.open && (key.escape || key.return || key.leftArrow || key.backspace)) focus.open = false;
      else if (key.upArrow) move(-1);
      else if (key.downArrow) move(1);
      else if (key.pageUp) move(-room);
      else if (key.pageDown) move(room);
      else if (key.return && now) Object.assign(focus, { id: now.id, open: true });
      else if (input === 'e' && now) said(actions.saveReport(now.id, now.filename, isFinal(now.status)));
      else if (input === 'r') said(actions.refresh());
      else if (input === 'c' && now && !isFinal(now.status)) {
        focus.id = now.id;
        focus.asking = true;
      }
      redraw();
    },
    { isActive: interactive },
  );
  useSeconds(redraw, !ended);

  // What is opened is asked for anew when anything of the job changes.
  const opened = focus.open ? chosen : undefined;
  useEffect(() => {
    let current = true;
    if (opened)
      actions.describe(opened.id, columns).then(
        (lines) => current && setTold(lines),
        () => {},
      );
    else setTold([]);
    return () => {
      current = false;
    };
  }, [opened, columns, actions]);

  const place = Math.max(0, chosen ? jobs.indexOf(chosen) : 0);
  focus.first = Math.max(0, Math.min(focus.first, place, Math.max(0, jobs.length - room)));
  if (place >= focus.first + room) focus.first = place - room + 1;
  const seen = jobs.slice(focus.first, focus.first + room);
  const lines = opened
    ? told.slice(0, rows - OTHER_LINES + 1)
    : boardLines(seen, jobs, paint, columns, interactive && !ended ? chosen : undefined);
  const note = reconnecting === undefined ? focus.note : `reconnecting (${reconnecting})`;

  return (
    // Cut at the terminal's edge: Ink draws a resized terminal once before this component has its new width.
    <Box width="100%" overflowX="hidden">
      <Box flexDirection="column" width={columns}>
        {jobs.length === 0 && <Text>{paint.dim('There are no jobs yet.')}</Text>}
        {lines
          .map((text, place) => ({ text, place }))
          .map((line) => (
            <Text key={line.place} wrap="truncate">
              {line.text === '' ? ' ' : line.text}
            </Text>
          ))}
        {!opened && seen.length < jobs.length && (
          <Text wrap="truncate">
            {paint.dim(`${focus.first + 1}–${focus.first + seen.length} of ${plural(jobs.length, 'job')}`)}
          </Text>
        )}
        {note !== '' && <Text wrap="truncate">{paint.yellow(clean(note))}</Text>}
        {interactive && !ended && (
          <Text wrap="truncate">
            {focus.asking && chosen
              ? paint.yellow(question(chosen, columns))
              : paint.dim(keysOfBoard(chosen, opened !== undefined, columns))}
          </Text>
        )}
      </Box>
    </Box>
  );
}

function chosenOf(jobs: readonly JobSummary[], id: string): JobSummary | undefined {
  return jobs.find((job) => job.id === id) ?? jobs[0];
}

function boardLines(
  seen: readonly JobSummary[],
  jobs: readonly JobSummary[],
  paint: Paint,
  columns: number,
  chosen: JobSummary | undefined,
): string[] {
  if (jobs.length === 0) return [];
  const rows = jobRows(seen, jobs, paint, true);
  const lines = tableLines(JOB_COLUMNS, rows, columns - 2, paint.dim, stringWidth);
  return lines.map(
    (line, index) => `${seen[index - 1] === chosen && chosen ? paint.cyan('›') : ' '} ${line}`,
  );
}

/** Draws again each second, for the ages. */
function useSeconds(redraw: () => void, active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(redraw, 1_000);
    return () => clearInterval(timer);
  }, [redraw, active]);
}

/** A terminal that becomes narrower has broken the lines of the last frame: Ink no longer knows how many. */
function clear(stdout: NodeJS.WriteStream): void {
  stdout.write('\u001b[2J\u001b[H');
}
