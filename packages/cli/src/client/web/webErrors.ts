/** Errors for people that explain why a file on the web cannot be read. */
import { EXIT } from '../../exitCodes.js';
import { clean } from '../../text/text.js';
import { UserError } from '../../userError.js';
import { networkCode, networkReason } from '../networkError.js';

/** The error for a file on the web that cannot be read (exit 2, as for files on this machine). */
export function sourceError(what: string, why: string, next: string, code = 'source_unreadable'): UserError {
  return new UserError({ code, exitCode: EXIT.usage, what: clean(what), why: clean(why), next });
}

/** The error for an answer that is not a file. @param shown the address in printable form */
export function answerError(shown: string, status: number): UserError {
  const what = `${shown} cannot be read`;
  if (status === 401 || status === 403)
    return sourceError(
      what,
      `the server does not allow it (${status})`,
      'put user and password into the address (https://user:password@host/…), or ask for a newly signed address',
    );
  if (status === 404 || status === 410)
    return sourceError(what, `there is no such file (${status})`, 'check the address');
  return sourceError(
    what,
    `the server answers ${status}`,
    'try again later, or open the address in a browser',
  );
}

/** The error for a server that cannot be reached. */
export function networkFailure(shown: string, error: unknown): UserError {
  const code = networkCode(error);
  const why = code === undefined ? (error as Error).message : networkReason(code);
  return sourceError(
    `${shown} cannot be read`,
    why,
    'check the address, and HTTPS_PROXY where there is a proxy',
  );
}

/** The error for a server that answered before, and whose connection then broke too often. */
export function brokenAgain(shown: string, at: number, error: unknown): UserError {
  const code = networkCode(error);
  return sourceError(
    `The connection to ${shown} broke after ${at} bytes, again and again`,
    code === undefined ? (error as Error).message : networkReason(code),
    'try again later, or download the file in another way, then upload that',
    'source_broken',
  );
}

export function changedError(shown: string): UserError {
  return sourceError(
    `${shown} changed while it was read`,
    'the server has another version of it now; the daemon has discarded its part',
    'wait until the file is complete, then upload it again',
    'source_changed',
  );
}

/** The error for a file that is shorter than its server announced, each time. */
export function tooShort(shown: string, at: number, announced: number): UserError {
  return sourceError(
    `${shown} ends after ${at} bytes`,
    `the server announced ${announced}; the daemon has discarded its part`,
    'wait until the file is complete, then upload it again',
    'source_changed',
  );
}

export function notResumable(shown: string, at: number): UserError {
  return sourceError(
    `The connection to ${shown} broke after ${at} bytes`,
    'it cannot be resumed: the server sends neither a strong ETag nor a Last-Modified, so what follows might be of another file',
    "curl --fail --location --retry 5 --output file.csv '<address>', then csvjobs upload file.csv",
    'source_broken',
  );
}
