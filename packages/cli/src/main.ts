#!/usr/bin/env node
/** The program `csvjobs`: argv, signals, exit code; nothing else. */
import { EXIT, type ExitCode } from './exitCodes.js';
import { run } from './program.js';
import { Interrupted } from './userError.js';

const controller = new AbortController();

/** The first signal ends what runs in order; the second ends the program. */
function interrupt(exitCode: ExitCode): void {
  if (controller.signal.aborted) process.exit(exitCode);
  controller.abort(new Interrupted(exitCode));
}
process.on('SIGINT', () => interrupt(EXIT.interrupted));
process.on('SIGTERM', () => interrupt(EXIT.terminated));
process.on('SIGHUP', () => interrupt(EXIT.hangup));

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  signal: controller.signal,
  abort: (reason) => controller.abort(reason),
  interrupt,
});
// Open handles (an unread stdin, a kept connection) must not hold the program; what is written must be out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
