/** Actions that the live views confirm first. */
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
  { cancel, accept, discard }: Pick<ViewActions, 'cancel' | 'accept' | 'discard'>,
): Promise<string> {
  return { c: cancel, a: accept, d: discard }[what](jobId);
}
