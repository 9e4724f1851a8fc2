/** The real daemon as a child process, on a database and a Redis of its own, or on its embedded default. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../packages/daemon/dist/main.js', import.meta.url));

export interface RunningDaemon {
  url: string;
  process: ChildProcess;
  /** The lines of its log, as they come. */
  log: string[];
  /** SIGTERM, and waits for the end. Returns the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `csvjobsd` with these variables on a free port; ready when it listens. */
export async function startDaemon(
  environment: Record<string, string>,
  ...args: string[]
): Promise<RunningDaemon> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, API_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  let rest = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (text) => log.push(String(text)));
    child.stdout.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        log.push(line);
        const entry = JSON.parse(line) as { msg: string; url?: string };
        if (entry.msg === 'listening' && entry.url) resolve(entry.url);
      }
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}:\n${log.join('\n')}`)));
  });
  return {
    url,
    process: child,
    log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}
