/** The real command line as a child process, without a terminal. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../packages/cli/bin/csvjobs.cjs', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `csvjobs` with these arguments against the daemon at `url`, and waits for its end. */
export async function csvjobs(url: string, ...args: string[]): Promise<Ended> {
  return csvjobsWith({ CSVJOBS_URL: url }, ...args);
}

/** Runs `csvjobs` with these variables (PATH and HOME are set), and waits for its end. */
export async function csvjobsWith(environment: Record<string, string>, ...args: string[]): Promise<Ended> {
  const { child, ended } = startCsvjobs(environment, ...args);
  const out: Buffer[] = [];
  child.stdout.on('data', (chunk) => out.push(chunk));
  return { ...(await ended), stdout: Buffer.concat(out).toString() };
}

/** Likewise, but the caller reads stdout at its own pace. */
export function startCsvjobs(
  environment: Record<string, string>,
  ...args: string[]
): { child: ChildProcessByStdio<null, Readable, Readable>; ended: Promise<Omit<Ended, 'stdout'>> } {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const err: Buffer[] = [];
  child.stderr.on('data', (chunk) => err.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).then((code) => ({ code, stderr: Buffer.concat(err).toString() }));
  return { child, ended };
}
