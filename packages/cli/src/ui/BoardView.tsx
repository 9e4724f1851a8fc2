/** All jobs, live: a table to choose from, with one job opened on request, and the keys at the bottom. */
import type { JobSummary } from '@csvjobs/shared';
import { isFinal } from '@csvjobs/shared/rules';
import { Box, type Key, Text } from 'ink';
import { useEffect, useReducer, useSyncExternalStore } from 'react';
import stringWidth from 'string-width';
import { jobColumns, jobRows } from '../text/jobTable.js';
import type { Paint } from '../text/paint.js';
import { tableLines } from '../text/table.js';
import { clean, plural } from '../text/text.js';
import type { ViewActions } from './actions.js';
import { helpLines, keysOfBoard, movement, questionsOf, whyNotAsked } from './boardKeys.js';
import type { Jobs } from './jobs.js';
import { withoutDetails } from './note.js';
import { answerTo, QUESTIONS, type Question, questionLines } from './questions.js';
import { linesText, scrolled } from './scrolling.js';
import { useTerminalSize } from './terminalSize.js';
import { useKeys } from './useKeys.js';

export interface BoardActions extends ViewActions {
  interrupt(): void;
  refresh(): Promise<string>;
  /** Lines with all details of a job, no wider than `columns`. */
  describe(jobId: string, columns: number): Promise<string[]>;
}

export interface BoardViewProps {
  jobs: Jobs;
  focus: BoardFocus;
  paint: Paint;
  actions: BoardActions;
  interactive: boolean;
  ended: boolean;
}

/** Lines other than the jobs: the title, an empty one, a note, the keys, and one for the cursor. */
const OTHER_LINES = 5;

/** Not in state: the second of two quick keys must see the effect of the first, drawn or not; and a suspension keeps it. */
export interface BoardFocus {
  id: string;
  /** Index of the first job that is drawn. */
  first: number;
  /** The open question about the chosen job. */
  asking: Question | undefined;
  note: string;
  open: boolean;
  /** The opened job as lines, and the index of the first line that is drawn. */
  lines: string[];
  line: number;
  help: boolean;
  /** Index of the first line of the help that is drawn. */
  helpLine: number;
  /** Show only jobs whose file, table, status or ID contains this text. */
  filter: string;
  typing: boolean;
  /** Keys pressed before the daemon's first answer. */
  early: [input: string, key: Key][];
}

export function newBoardFocus(): BoardFocus {
  return {
    ...{ id: '', first: 0, asking: undefined, note: '', open: false, lines: [], line: 0 },
    ...{ help: false, helpLine: 0, filter: '', typing: false, early: [] },
  };
}

export function BoardView({ jobs: store, focus, paint, actions, interactive, ended }: BoardViewProps) {
  const { jobs: all, known, reconnecting } = useSyncExternalStore(store.subscribe, store.state);
  const { columns, rows } = useTerminalSize({ wholeScreen: true });
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0);
  const help = helpLines(columns);
  const jobs = all.filter((job) => matches(job, focus.filter));
  const chosen = chosenOf(jobs, focus.id);
  const asked = focus.asking && chosen ? questionLines(focus.asking, chosen.filename, columns) : [];
  const room = Math.max(1, rows - OTHER_LINES - Math.max(0, asked.length - 1));

  const said = (meanwhile: string, text: Promise<string>) => {
    focus.note = meanwhile;
    void text.then((note) => {
      focus.note = note;
      redraw();
    });
  };
  const now = () => store.state().jobs.filter((job) => matches(job, focus.filter));
  const move = (by: number) => {
    if (focus.help) focus.helpLine = scrolled(focus.helpLine, by, help.length, room);
    else if (focus.open) focus.line = scrolled(focus.line, by, focus.lines.length, room);
    else choose(by);
  };
  const choose = (by: number) => {
    const shown = now();
    const at = Math.max(0, shown.indexOf(chosenOf(shown, focus.id) as JobSummary));
    focus.id = shown[Math.min(shown.length - 1, Math.max(0, at + by))]?.id ?? '';
  };
  const act = (input: string, key: Key): void => {
    const job = chosenOf(now(), focus.id);
    const by = movement(input, key, room);
    if (key.ctrl && input === 'c') actions.interrupt();
    else if (focus.typing) type(focus, input, key);
    else if (focus.asking) {
      const { asking } = focus;
      focus.asking = undefined;
      if (input === 'y' && job)
        said(`${QUESTIONS[asking].doing} ${job.filename} …`, answerTo(asking, job.id, job.filename, actions));
    } else if (input === 'q') actions.leave();
    else if (focus.help && (input === '?' || key.escape || key.return)) focus.help = false;
    else if (input === '?') Object.assign(focus, { help: true, helpLine: 0 });
    else if (focus.help && by !== undefined && help.length > room) move(by);
    else if (focus.help) {
      focus.help = false;
      act(input, key);
    } else if (!store.state().known) focus.early.push([input, key]);
    else if (focus.open && (key.escape || key.return || key.leftArrow || key.backspace)) focus.open = false;
    else if (key.escape) focus.filter = '';
    else if (by !== undefined) move(by);
    else if (input === '/' && !focus.open) focus.typing = true;
    else if (key.return && job) Object.assign(focus, { id: job.id, open: true, line: 0 });
    else if (input === 'e' && job)
      said(
        `saving the report of ${job.filename} …`,
        actions.saveReport(job.id, job.filename, isFinal(job.status)),
      );
    else if (input === 'r') said('asking the daemon …', actions.refresh());
    else if (job) {
      const asking = questionsOf(job).find((each) => each === input);
      if (asking) Object.assign(focus, { id: job.id, asking });
      else focus.note = whyNotAsked(input, job) ?? focus.note;
    }
  };
  useKeys((input, key) => {
    act(input, key);
    redraw();
  }, interactive);
  useEffect(() => {
    if (!known || focus.early.length === 0) return;
    for (const [input, key] of focus.early.splice(0)) act(input, key);
    redraw();
  });
  useSeconds(redraw, !ended);

  // Fetch the opened job again whenever anything about it changes.
  const opened = focus.open ? chosen : undefined;
  useEffect(() => {
    let current = true;
    if (opened)
      actions.describe(opened.id, columns).then(
        (lines) => {
          if (!current) return;
          focus.lines = lines;
          redraw();
        },
        () => {},
      );
    else focus.lines = [];
    return () => {
      current = false;
    };
  }, [opened, columns, actions, focus]);

  const at = Math.max(0, chosen ? jobs.indexOf(chosen) : 0);
  focus.first = Math.max(0, Math.min(focus.first, at, Math.max(0, jobs.length - room)));
  if (at >= focus.first + room) focus.first = at - room + 1;
  const seen = jobs.slice(focus.first, focus.first + room);
  // After a resize there may be fewer lines below than fit.
  focus.helpLine = scrolled(focus.helpLine, 0, help.length, room);
  focus.line = scrolled(focus.line, 0, focus.lines.length, room);
  const lines = focus.help
    ? help.slice(focus.helpLine, focus.helpLine + room)
    : opened
      ? focus.lines.slice(focus.line, focus.line + room)
      : boardLines(seen, jobs, paint, columns, interactive && !ended ? chosen : undefined);
  const place = focus.help
    ? linesText(focus.helpLine, help.length, room)
    : opened
      ? linesText(focus.line, focus.lines.length, room)
      : placeText(focus, seen.length, jobs.length);
  const note = reconnecting === undefined ? focus.note : `reconnecting (${reconnecting})`;

  return (
    // Cut at the terminal's edge: after a resize, Ink draws once before this component knows the new width.
    <Box width="100%" overflowX="hidden">
      <Box flexDirection="column" width={columns}>
        {jobs.length === 0 && !focus.help && (
          <Text wrap="truncate">{paint.dim(emptyText(known, all.length))}</Text>
        )}
        {lines
          .map((text, place) => ({ text, place }))
          .map((line) => (
            <Text key={line.place} wrap="truncate">
              {line.text === '' ? ' ' : line.text}
            </Text>
          ))}
        {place !== '' && <Text wrap="truncate">{paint.dim(place)}</Text>}
        {note !== '' && <Text wrap="truncate">{paint.yellow(withoutDetails(clean(note), columns))}</Text>}
        {interactive && !ended && (
          <Text wrap="truncate">
            {asked.length > 0
              ? asked.map((line) => paint.yellow(line)).join('\n')
              : focus.typing
                ? `/${clean(focus.filter)}█`
                : paint.dim(keysOfBoard(chosen, opened !== undefined, columns))}
          </Text>
        )}
      </Box>
    </Box>
  );
}

/** Whether a job's file, table, status or ID contains a text. Every job contains the empty text. */
function matches({ id, filename, table = '', status }: JobSummary, text: string): boolean {
  // An ID is shown, and typed, from its beginning.
  const typed = text.toLowerCase();
  return id.startsWith(typed) || `${filename}\n${table}\n${status}`.toLowerCase().includes(typed);
}

/** Edits the filter: enter keeps it, escape removes it. */
function type(focus: BoardFocus, input: string, key: Key): void {
  if (key.escape) Object.assign(focus, { typing: false, filter: '' });
  else if (key.return) focus.typing = false;
  else if (key.backspace || key.delete) focus.filter = [...focus.filter].slice(0, -1).join('');
  else if (!key.ctrl && !key.meta && !key.upArrow && !key.downArrow) focus.filter += input;
}

function emptyText(known: boolean, jobs: number): string {
  if (!known) return 'asking the daemon …';
  return jobs > 0 ? 'No job matches. esc shows all.' : 'There are no jobs yet.';
}

/** The visible part and the filter: `3–12 of 40 jobs · /orders`. */
function placeText({ first, filter, typing }: BoardFocus, seen: number, jobs: number): string {
  const part = seen < jobs ? [`${first + 1}–${first + seen} of ${plural(jobs, 'job')}`] : [];
  return [...part, ...(filter !== '' && !typing ? [`/${clean(filter)}`] : [])].join(' · ');
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
  const rows = jobRows(seen, paint, { all: jobs, terminal: true });
  const lines = tableLines(jobColumns(), rows, columns - 2, paint.dim, stringWidth);
  return lines.map(
    (line, index) => `${seen[index - 1] === chosen && chosen ? paint.cyan('›') : ' '} ${line}`,
  );
}

/** Redraws every second, to keep the ages current. */
function useSeconds(redraw: () => void, active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(redraw, 1_000);
    return () => clearInterval(timer);
  }, [redraw, active]);
}
