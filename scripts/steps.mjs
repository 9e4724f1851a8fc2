// What the scripts share: a step is one line with its time, and its output only when it fails.
import { spawn } from 'node:child_process';

/** A failure that is told as it is, without a stack. */
export class StepError extends Error {}

/** Announces a step, does it, tells how long it took. `work` may return a word to say instead of "done". */
export async function step(title, work) {
  const start = performance.now();
  process.stdout.write(`${title} … `);
  try {
    const said = await work();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`${said ?? 'done'} (${seconds} s)\n`);
  } catch (error) {
    process.stdout.write('failed\n');
    throw error;
  }
}

/** Runs a program quietly. Throws a StepError with all its output when it fails. */
export async function quietly(command, args, options = {}) {
  const { code, output } = await capture(command, args, options);
  if (code !== 0)
    throw new StepError(`${output.trim()}\n\`${[command, ...args].join(' ')}\` ended with ${code}`);
  return output;
}

/** Runs a program and gives its exit code (or signal, or error code) and what it wrote on both outputs. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: error.code, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** The end of a script: a failure in words, or its stack where it is a mistake of ours. */
export function fail(error) {
  console.error(`\n${error instanceof StepError ? error.message : (error?.stack ?? error)}`);
  process.exitCode = 1;
}
