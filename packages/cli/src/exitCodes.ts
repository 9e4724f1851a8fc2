/** Exit codes: promises to scripts. A code never changes its meaning; docs/cli.md and `help exit-codes` show them. */

export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  rejects: 3,
  unauthorised: 4,
  failed: 5,
  unreachable: 6,
  gate: 7,
  unfinished: 8,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.done, 'done, or held by upload --hold; no rows were rejected, or no more than --max-errors allows'],
  [EXIT.unexpected, 'unexpected: a bug in csvjobs or the daemon, or the output is incomplete'],
  [EXIT.usage, 'usage, or a local file: an option, an ID or the file is invalid'],
  [EXIT.rejects, 'done or held, with rejected rows'],
  [EXIT.unauthorised, 'not authorized: the token is missing or wrong, or does not allow this'],
  [
    EXIT.failed,
    'the job failed, was cancelled or undone; or there was nothing to undo; or a test webhook did not arrive',
  ],
  [EXIT.unreachable, 'the daemon cannot be reached, or accepts no work at the moment'],
  [
    EXIT.gate,
    'more rows were rejected than --max-errors allows (an atomic load then loads nothing), or more would be removed than --max-removed allows',
  ],
  [EXIT.unfinished, 'not finished: --timeout has expired, or a job or a check was left before its end'],
  [EXIT.hangup, 'the terminal went away (SIGHUP)'],
  [EXIT.interrupted, 'interrupted (Ctrl-C, SIGINT)'],
  [EXIT.terminated, 'terminated (SIGTERM)'],
];

/** Worst first: for several files, the code that needs attention soonest wins. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.terminated,
  EXIT.interrupted,
  EXIT.hangup,
  EXIT.unexpected,
  EXIT.unauthorised,
  EXIT.unreachable,
  EXIT.usage,
  EXIT.failed,
  EXIT.unfinished,
  EXIT.gate,
  EXIT.rejects,
  EXIT.done,
];

/** Returns the worst of several codes; 0 if there are none. */
export function worst(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.done;
}
