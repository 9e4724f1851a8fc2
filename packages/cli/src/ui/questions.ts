/** What the live views do only after a question. */
import type { ViewActions } from './actions.js';

/** By the key: the verb of the question, and what is said meanwhile. */
export const QUESTIONS = {
  c: { verb: 'Cancel', doing: 'cancelling' },
  a: { verb: 'Accept', doing: 'committing the rows of' },
  d: { verb: 'Discard', doing: 'rolling back' },
} as const;
export type Question = keyof typeof QUESTIONS;

/** Does what was asked; returns a sentence to show. */
export function answerTo(
  what: Question,
  jobId: string,
  { cancel, accept, discard }: Pick<ViewActions, 'cancel' | 'accept' | 'discard'>,
): Promise<string> {
  return { c: cancel, a: accept, d: discard }[what](jobId);
}
