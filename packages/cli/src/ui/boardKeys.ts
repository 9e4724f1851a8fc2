/** The line at the bottom of the board: its keys and its questions. */
import type { JobSummary } from '@csvjobs/shared';
import { isFinal } from '@csvjobs/shared/rules';
import type { Key } from 'ink';
import wrapAnsi from 'wrap-ansi';
import { clean } from '../text/text.js';
import { QUESTIONS, type Question } from './questions.js';

/** Questions that are possible for a job: accept or discard for a held job, cancel for any other that has not ended. */
export function questionsOf({ status }: JobSummary): Question[] {
  if (status === 'held') return ['a', 'd'];
  return isFinal(status) ? [] : ['c'];
}

/** Why a key that asks a question about some jobs does not do so for this job; undefined for any other key. */
export function whyNotAsked(key: string, { filename, status }: JobSummary): string | undefined {
  if (key === 'a' || key === 'd') return `${clean(filename)} is ${status}, not held`;
  if (key !== 'c') return undefined;
  if (status === 'held') return `a accepts ${clean(filename)}, d discards it: it is held`;
  return `${clean(filename)} is ${status}, so there is nothing to cancel`;
}

/** The keys that work now. A narrow terminal leaves out the least important ones. */
export function keysOfBoard(chosen: JobSummary | undefined, open: boolean, columns: number): string {
  const all = open ? ['enter back', 'q leave', '? keys'] : ['↑↓ choose', 'enter open', 'q leave', '? keys'];
  if (chosen) all.push('e save report');
  for (const key of chosen ? questionsOf(chosen) : [])
    all.push(`${key} ${QUESTIONS[key].verb.toLowerCase()}`);
  all.push('r refresh');
  const short = all.map((key) => key.replace(' choose', '').replace('save report', 'report'));
  if (all.join(' · ').length <= columns) return all.join(' · ');
  while (short.join(' · ').length > columns) short.pop();
  return short.join(' · ');
}

const KEYS: readonly (readonly [keys: string, about: string])[] = [
  ['↑ ↓ k j', 'the job above or below; in an opened job a line up or down'],
  ['PgUp PgDn space', 'a page up or down'],
  ['g G Home End', 'the first, the last'],
  ['enter', 'open the job, and back'],
  ['/', 'filter by file, table, status or ID; esc shows all'],
  ['e', 'save the report of rejected rows'],
  ['c', 'cancel the job, after a confirmation'],
  ['a d', 'accept or discard a held job, after a confirmation'],
  ['r', 'refresh the list'],
  ['q', 'leave; jobs continue'],
];

/** By how many jobs or lines a key moves; undefined for a key that does not move. @param page lines of a page */
export function movement(input: string, key: Key, page: number): number | undefined {
  if (key.upArrow || input === 'k') return -1;
  if (key.downArrow || input === 'j') return 1;
  if (key.pageUp) return -page;
  if (key.pageDown || input === ' ') return page;
  if (key.home || input === 'g') return Number.NEGATIVE_INFINITY;
  if (key.end || input === 'G') return Number.POSITIVE_INFINITY;
  return undefined;
}

/** The help that `?` shows: all keys. A key does what the help says; esc, enter and ? only close it. */
export function helpLines(columns: number): string[] {
  const width = Math.max(...KEYS.map(([keys]) => keys.length));
  const room = Math.max(8, columns - width - 4);
  return KEYS.flatMap(([keys, about]) =>
    wrapAnsi(about, room, { hard: true })
      .split('\n')
      .map((line, at) => `  ${(at === 0 ? keys : '').padEnd(width)}  ${line}`),
  );
}
