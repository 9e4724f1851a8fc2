/** Actions that the live views confirm first. */
import wrapAnsi from 'wrap-ansi';
import { clean } from '../text/text.js';
import type { ViewActions } from './actions.js';

/** By key: the verb of the question, and the text shown meanwhile. */
export const QUESTIONS = {
  c: { verb: 'Cancel', doing: 'cancelling' },
  a: { verb: 'Accept', doing: 'committing the rows of' },
  d: { verb: 'Discard', doing: 'rolling back' },
} as const;
export type Question = keyof typeof QUESTIONS;

/** Performs the action of a question; returns a sentence to show. */
export function answerTo(
  what: Question,
  jobId: string,
  filename: string,
  { cancel, accept, discard }: Pick<ViewActions, 'cancel' | 'accept' | 'discard'>,
): Promise<string> {
  return { c: cancel, a: accept, d: discard }[what](jobId, filename);
}

/** Returns the lines of a question about a file: its name is never cut, because others may begin and end like it. */
export function questionLines(what: Question, filename: string, columns: number): string[] {
  const text = `${QUESTIONS[what].verb} ${clean(filename)}? y yes · any other key no`;
  return wrapAnsi(text, Math.max(1, columns), { hard: true }).split('\n');
}
