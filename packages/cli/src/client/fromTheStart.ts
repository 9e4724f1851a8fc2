/**
 * Streams a report whose row boundaries the client cannot see (records as they stand in a file, malformed ones too),
 * across broken connections: requests it again and skips the bytes that already arrived. Rows are only added at its
 * end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { isAway } from './away.js';

const PAUSE = 500;

export interface FromTheStartOptions {
  open(): Promise<AsyncIterable<Buffer>>;
  /** How long to retry while nothing new arrives, in milliseconds. */
  patience: number;
  signal: AbortSignal;
  onBreak?: ((why: string) => void) | undefined;
}

/**
 * @param first the report, opened by the caller, who thus learns at once if there is none
 * @throws UserError: the daemon's last error; `report_incomplete` if the report has become shorter; the abort's reason
 */
export async function* fromTheStart(
  first: AsyncIterable<Buffer>,
  { open, patience, signal, onBreak }: FromTheStartOptions,
): AsyncGenerator<Buffer> {
  let received = 0;
  let brokenSince: number | undefined;
  for (let part: AsyncIterable<Buffer> | undefined = first; ; part = undefined) {
    let known = received;
    try {
      for await (const chunk of part ?? (await open())) {
        const rest = chunk.subarray(Math.min(known, chunk.length));
        known -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        received += rest.length;
        brokenSince = undefined;
        yield rest;
      }
      if (known > 0) throw becameShorter();
      return;
    } catch (error) {
      if (!isAway(error)) throw error;
      if (brokenSince === undefined) onBreak?.(error.why ?? error.message);
      brokenSince ??= performance.now();
      if (performance.now() - brokenSince >= patience) throw error;
      await sleep(PAUSE, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

function becameShorter(): UserError {
  return new UserError({
    code: 'report_incomplete',
    exitCode: EXIT.unexpected,
    what: 'The report is incomplete',
    why: 'the connection broke, and the report has changed meanwhile',
    next: 'run the command again',
  });
}
