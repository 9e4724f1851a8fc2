/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';
import type { Context } from './context.js';
import { EXIT } from './exitCodes.js';
import { inForeground } from './foreground.js';
import { suspendable } from './suspension.js';
import { folded } from './text/fold.js';

/**
 * Whether a person can see and answer a question: never in the background, where reading the terminal stops a program.
 */
export function canAsk({ stdin, err }: Pick<Context, 'stdin' | 'err'>): boolean {
  return stdin.isTTY === true && err.tty && inForeground();
}

type Asking = Pick<Context, 'stdin' | 'err' | 'signal' | 'onSuspend'>;

/** Asks on stderr; only y and yes count as yes. Throws the signal's reason when it aborts. */
export async function agreed(context: Asking, question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answered(context, question));
}

/** Asks on stderr and returns the trimmed line, or `atEnd` if the input ends. Throws the signal's reason when it aborts. */
export async function answered(
  { stdin, err, signal, onSuspend }: Asking,
  question: string,
  atEnd = '',
): Promise<string> {
  // A live view (Ink) leaves stdin unref'ed: the program would exit before the answer.
  (stdin as ReadStream).ref?.();
  const lines = createInterface({ input: stdin, output: err.stream });
  const suspension = suspendable({ stdin, err, onSuspend }, () => {
    lines.resume();
    lines.prompt(true);
  });
  lines.on('SIGTSTP', () => {
    lines.pause();
    suspension.suspend();
  });
  try {
    // At the end of the input (Ctrl-D) no answer comes, and waiting would never stop.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve(atEnd)));
    return (await Promise.race([lines.question(foldedQuestion(question, err), { signal }), ended])).trim();
  } finally {
    suspension.close();
    lines.close();
  }
}

/** Folds a question between its words, with room for a short answer after it. */
function foldedQuestion(question: string, { columns }: Context['err']): string {
  if (columns === undefined) return question;
  return folded(question.trimEnd(), columns - ' yes '.length) + (question.endsWith(' ') ? ' ' : '');
}

/** Asks on stderr without echoing the input. Throws the signal's reason when it aborts; Ctrl-C likewise. */
export async function askSecret(
  { stdin, err, signal, interrupt, onSuspend }: Asking & Pick<Context, 'interrupt'>,
  question: string,
): Promise<string> {
  const terminal = stdin as ReadStream;
  // First: what is typed as soon as the question is seen must not be echoed.
  terminal.setRawMode(true);
  const shown = foldedQuestion(question, err);
  err.stream.write(shown);
  const suspension = suspendable({ stdin, err, onSuspend }, () => err.stream.write(shown));
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = '';
      const onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      terminal.setEncoding('utf8').on('data', function take(text) {
        for (const char of String(text)) {
          if (char === '\u0003') interrupt(EXIT.interrupted);
          else if (char === '\u001a') suspension.suspend();
          else if (char === '\r' || char === '\n' || char === '\u0004') {
            terminal.off('data', take);
            signal.removeEventListener('abort', onAbort);
            return resolve(typed.trim());
          } else if (char === '\u007f' || char === '\b') typed = typed.slice(0, -1);
          else if (char >= ' ') typed += char;
        }
      });
    });
  } finally {
    suspension.close();
    terminal.setRawMode(false);
    terminal.pause();
    err.stream.write('\n');
  }
}
