import { type DestinationStream, type Logger, pino } from 'pino';
import { quotesFile } from './failure.js';

export type Log = Logger;

/** JSON lines, with the name of the level, and the time in ISO format. Errors are under `err`. */
export function createLog(level: string, to: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => shownError(error) },
  };
  return pino(options, to);
}

/** The parts of an error that a log line shows. */
export interface ShownError {
  type: string;
  message: string;
  code?: string;
  /** Where it was thrown: only the frames. */
  stack?: string;
  cause?: ShownError;
}

/**
 * Strips an error of its extra data: PostgreSQL's has values of the row in `detail` and `where`, Redis's the
 * command with its password, an invalid URL the URL itself. Shows only the parts listed here; from messages
 * that quote a value (SQLSTATE class 22, data exceptions) it removes the value.
 */
export function shownError(error: unknown, depth = 0): ShownError {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something other than an error was thrown' };
  const { code } = error as NodeJS.ErrnoException;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message: quotesFile(String(code))
      ? 'left out: it quotes the file'
      : withoutSecrets(dataException(error) ? error.message.replace(/".*"/s, '"…"') : error.message),
    ...(typeof code === 'string' && { code }),
    ...(frames && frames.length > 0 && { stack: frames.join('\n') }),
    ...(error.cause !== undefined && depth < 4 && { cause: shownError(error.cause, depth + 1) }),
  };
}

/** Whether the error or one of its causes is about a value. */
function dataException(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (/^22...$/.test(String((at as NodeJS.ErrnoException).code))) return true;
  }
  return false;
}

/** Hides user and password of URLs in a text. */
function withoutSecrets(text: string): string {
  return text.replace(/\b([a-z][a-z+]*:\/\/)[^\s/@]*@/gi, '$1…@');
}
