#!/usr/bin/env node
/** The program `csvjobs`: argv, signals, exit code; nothing else. */
import { closeSync, openSync } from 'node:fs';
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
/** Once it is read. */
let openStdin: typeof process.stdin | undefined;

/** Scripts and prompts often ask only for the version, which needs nothing that is slow to load. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && VERSION_WORDS.has(argv[0] ?? '')) {
    stdout.on('error', () => {});
    await new Promise((written) => stdout.write(`${version()}\n`, written));
    // A write error is reported below, as for any command.
    if (!stdout.errored) return EXIT.done;
  }
  const { run } = await import('./program.js');
  return run(argv, {
    // A getter: opening stdin takes 2 of the 31 ms of `--help`, and few commands read it.
    get stdin() {
      openStdin = process.stdin;
      return openStdin;
    },
    stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    signal: unbounded(controller.signal),
    abort: (reason) => controller.abort(reason),
    interrupt,
    onSuspend,
  });
}

/**
 * Exits. On exit, node restores terminals and aborts (SIGABRT) if one has gone away, so streams that hung up are closed
 * first. In the background it is stopped (SIGTTOU) for restoring a terminal that had been in raw mode, so that goes first too.
 */
async function end(code: number): Promise<void> {
  const { reason } = controller.signal as { reason?: unknown };
  if (reason instanceof Interrupted && reason.exitCode === EXIT.hangup)
    for (const [fd, { isTTY }] of [process.stdin, process.stdout, process.stderr].entries())
      if (isTTY) closeSync(fd);
  if (openStdin?.isTTY && !(await import('./foreground.js')).inForeground()) detach(openStdin);
  process.exit(code);
}

/**
 * Puts something else in the place of a terminal. To close the stream is not enough: since libuv 1.50 (Node 24) that restores the terminal, too.
 */
function detach(terminal: NodeJS.ReadStream): void {
  // None, if it is closed already.
  const fd = (terminal as unknown as { _handle: { fd: number } | null })._handle?.fd ?? -1;
  if (fd < 0) return;
  closeSync(fd);
  // The lowest number that is free.
  while (openSync('/dev/null', 'r') < fd);
}

/** The first signal stops the command in an orderly way; the second exits at once. */
function interrupt(exitCode: ExitCode): void {
  if (controller.signal.aborted) {
    removeParts();
    process.exit(exitCode);
  }
  controller.abort(new Interrupted(exitCode));
}
/** Suspends as `listener` does it, instead of at once, until the returned function is called. */
function onSuspend(listener: () => void): () => void {
  process.on('SIGTSTP', listener);
  return () => void process.off('SIGTSTP', listener);
}
process.on('SIGINT', () => interrupt(EXIT.interrupted));
process.on('SIGTERM', () => interrupt(EXIT.terminated));
// Checked before loading anything: the parent may be gone later.
const hangupIgnored = ignoresHangup();
process.on('SIGHUP', () => {
  if (!hangupIgnored) interrupt(EXIT.hangup);
});

// If the event loop runs dry before the end, that is not a success: node would exit with 0.
process.exitCode = EXIT.unexpected;
// Not awaited at the top level, which a CommonJS bundle cannot have.
void main(process.argv.slice(2)).then((code) => {
  // Open handles (an unread stdin, a kept connection) must not keep the program alive, but output must be flushed
  // first.
  stdout.write('', () => process.stderr.write('', () => void end(code)));
});
