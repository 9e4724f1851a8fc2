/** Errors for people: what happened, why, and the next command. */
import { EXIT, type ExitCode } from './exitCodes.js';

export interface UserErrorParts {
  /** Stable, for scripts: a code of the API's problems or one of the CLI's own. */
  code: string;
  exitCode: ExitCode;
  what: string;
  why?: string | undefined;
  next?: string | undefined;
  /** Words for the command line: with them the same file is accepted. */
  options?: readonly string[] | undefined;
  cause?: unknown;
}

/** An error for programs. */
export interface ErrorDocument {
  code: string;
  message: string;
  why?: string;
  next?: string;
  exitCode: number;
}

/** An error that ends the program with a message. `message` is what happened. */
export class UserError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly why: string | undefined;
  readonly next: string | undefined;
  readonly options: readonly string[] | undefined;

  constructor({ code, exitCode, what, why, next, options, cause }: UserErrorParts) {
    super(what, { cause });
    this.name = 'UserError';
    this.code = code;
    this.exitCode = exitCode;
    this.why = why;
    this.next = next;
    this.options = options;
  }

  /** Returns the error as `--json` prints it. @param typed writes commands as the user has to type them (Output) */
  document(typed: (text: string) => string): ErrorDocument {
    const { code, message, why, next, exitCode } = this;
    return {
      code,
      message: typed(message),
      ...(why !== undefined && { why: typed(why) }),
      ...(next !== undefined && { next: typed(next) }),
      exitCode,
    };
  }
}

/** Returns the same error with another next command, and other words for what happened. */
export function withNext(
  { code, exitCode, message, why, options, cause }: UserError,
  next: string,
  what = message,
): UserError {
  return new UserError({ code, exitCode, what, why, next, options, cause });
}

/** Returns the same error with another exit code. */
export function withExit(error: UserError, exitCode: ExitCode): UserError {
  const { code, message: what, why, next, options, cause } = error;
  return new UserError({ code, exitCode, what, why, next, options, cause });
}

/** A usage error: exit 2. */
export function usageError(what: string, why?: string, next?: string): UserError {
  return new UserError({ code: 'usage', exitCode: EXIT.usage, what, why, next });
}

/** The reason of an abort by a signal; carries the exit code of the signal. */
export class Interrupted extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super('interrupted');
    this.name = 'Interrupted';
    this.exitCode = exitCode;
  }
}

/** The reason of an abort because the reader of stdout has closed it (EPIPE): the program exits without a message. */
export class ReaderGone extends Error {
  constructor() {
    super('the reader of stdout has closed it');
    this.name = 'ReaderGone';
  }
}

/** Converts anything thrown to a UserError; unexpected errors become `unexpected`, exit 1. */
export function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UserError({
    code: 'unexpected',
    exitCode: EXIT.unexpected,
    what: 'Unexpected error',
    why: message,
    next: 'run the command again with --verbose and report what it prints',
    cause: error,
  });
}
