/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import type { Context } from './context.js';
import { inForeground } from './foreground.js';

/** Whether a question is seen and can be answered: never in the background, where reading the terminal stops a program. */
export function canAsk({ stdin, err }: Pick<Context, 'stdin' | 'err'>): boolean {
  return stdin.isTTY === true && err.tty && inForeground();
}

/** Asks on stderr; only y and yes are a yes. Throws the signal's reason when it aborts. */
export async function agreed(
  { stdin, err, signal }: Pick<Context, 'stdin' | 'err' | 'signal'>,
  question: string,
): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: err.stream });
  try {
    // The end of the input (Ctrl-D) is no answer, and would be waited for without end.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(question, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
