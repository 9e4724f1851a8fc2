/** Prints errors on stderr: at most three lines for people, one JSON object for programs. */
import type { Context } from './context.js';
import { cleanLines, toJson } from './text/text.js';
import type { UserError } from './userError.js';

/** Prints what happened, why, and the next command; `subject` names the file, if there are several. */
export function printError(
  { err, json }: Pick<Context, 'err' | 'json'>,
  error: UserError,
  subject?: string,
): void {
  if (json) {
    const parts = error.document(err.typed);
    err.exact(toJson({ error: subject === undefined ? parts : { ...parts, file: subject } }));
    return;
  }
  const { paint } = err;
  const what = cleanLines(error.message);
  // Not `a.csv: a.csv cannot be read`.
  const about = subject === undefined || what.startsWith(`${subject} `) ? '' : `${subject}: `;
  err.line(`${paint.red(paint.bold('error:'))} ${about}${what}`);
  if (error.why !== undefined) err.hint(`  why:  ${indent(error.why)}`);
  if (error.next !== undefined) err.hint(`  next: ${paint.cyan(indent(error.next))}`);
}

function indent(text: string): string {
  return cleanLines(text).replaceAll('\n', '\n        ');
}
