#!/usr/bin/env node
/** The program `csvjobs`: argv, signals, exit code; nothing else. */
import { closeSync } from 'node:fs';
import { EXIT, type ExitCode } from './exitCodes.js';
import { ignoresHangup } from './ignoredSignals.js';
import { removeParts } from './report/openParts.js';
import { unbounded } from './signals.js';
import { wholeStdout } from './standardOutput.js';
import { Interrupted } from './userError.js';
import { version } from './version.js';

const VERSION_WORDS = new Set(['--version', '-V', '-v', 'version']);

const controller = new AbortController();
const stdout = wholeStdout(process.stdout);

/** The version alone is asked for by scripts and prompts, often: it needs nothing that takes long to load. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && VERSION_WORDS.has(argv[0] ?? '')) {
    stdout.on('error', () => {});
    await new Promise((written) => stdout.write(`${version()}\n`, written));
    // What it could not be written for is told as of any command, below.
    if (!stdout.errored) return EXIT.done;
  }
  const { run } = await import('./program.js');
  return run(argv, {
    // A getter: to open it takes 2 ms of the 31 of `--help`, and few commands read it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    signal: unbounded(controller.signal),
    abort: (reason) => controller.abort(reason),
    interrupt,
  });
}

/**
 * Ends the program. At its end node puts terminals back to how they were, and aborts (SIGABRT) when one has gone away:
 * what hung up is closed before.
 */
function end(code: number): void {
  const { reason } = controller.signal as { reason?: unknown };
  if (reason instanceof Interrupted && reason.exitCode === EXIT.hangup)
    for (const [fd, { isTTY }] of [process.stdin, process.stdout, process.stderr].entries())
      if (isTTY) closeSync(fd);
  process.exit(code);
}

/** The first signal ends what runs in order; the second ends the program. */
function interrupt(exitCode: ExitCode): void {
  if (controller.signal.aborted) {
    removeParts();
    process.exit(exitCode);
  }
  controller.abort(new Interrupted(exitCode));
}
process.on('SIGINT', () => interrupt(EXIT.interrupted));
process.on('SIGTERM', () => interrupt(EXIT.terminated));
// Looked at before anything is loaded: the parent may be gone later.
const hangupIgnored = ignoresHangup();
process.on('SIGHUP', () => {
  if (!hangupIgnored) interrupt(EXIT.hangup);
});

// Should there be nothing left to wait for before the end, that is no success: node would say 0.
process.exitCode = EXIT.unexpected;
// Not awaited at the top level, which a CommonJS bundle cannot have.
void main(process.argv.slice(2)).then((code) => {
  // Open handles (an unread stdin, a kept connection) must not hold the program; what is written must be out first.
  stdout.write('', () => process.stderr.write('', () => end(code)));
});
