/** The real program as a child process: in pipes, or on a real pseudo-terminal. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { DAEMON } from '../../daemon/test/support/programs.js';

export const MAIN = fileURLToPath(new URL('../bin/csvjobs.cjs', import.meta.url));

export interface Options {
  env?: Record<string, string>;
  /** Written to stdin, which then closes; empty by default. `open` leaves it open. */
  input?: string | 'open';
  cwd?: string;
}

export interface Running {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until the output so far (both streams) passes; fails if the program ends first. */
  until(passes: (printed: string) => boolean): Promise<void>;
  ended: Promise<Result>;
}

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * A folder for a test, removed at its end. Programs of a terminal that has just closed may still write there
 * (ENOTEMPTY), so the removal starts again. rmSync's own `maxRetries` does not: it tries rmdir again, but reads the
 * folder only once.
 */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'csvjobs-cli-'));
  onTestFinished(() => vi.waitFor(() => rmSync(path, { recursive: true, force: true })));
  return path;
}

/** Writes a CSV file into its own folder; returns its path. */
export function csvFile(name = 'customers.csv', rows = 20): string {
  const path = join(folder(), name);
  const lines = Array.from({ length: rows }, (_, index) => `Name ${index},n${index}@example.com,,ACME\n`);
  writeFileSync(path, `name,email,phone,company\n${lines.join('')}`);
  return path;
}

/** Starts `csvjobs` in pipes, with its own environment. */
export function start(args: readonly string[], { env = {}, input, cwd }: Options = {}): Running {
  const home = folder();
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: cwd ?? home,
    env: { PATH: process.env.PATH ?? '', HOME: home, CSVJOBS_DAEMON: DAEMON, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (input !== 'open') child.stdin.end(input ?? '');
  return follow(child);
}

/** Runs `csvjobs` in pipes to its end. */
export async function csvjobs(args: readonly string[], options: Options = {}): Promise<Result> {
  return start(args, options).ended;
}

/** Starts `csvjobs` on a pseudo-terminal (script(1)); its screen output is in stdout, keys go to stdin. */
export function startOnTerminal(
  args: readonly string[],
  {
    env = {},
    columns = 80,
    rows = 24,
    before = '',
    redirect = '',
    cwd,
  }: {
    env?: Record<string, string>;
    columns?: number;
    rows?: number;
    /** A wrapper command: timeout(1), nohup(1). */
    before?: string;
    redirect?: string;
    cwd?: string;
  } = {},
): Running {
  const home = folder();
  const quoted = [process.execPath, MAIN, ...args]
    .map((part) => `'${part.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const child = spawn(
    'script',
    ['-qec', `stty cols ${columns} rows ${rows}; exec ${before} ${quoted} ${redirect}`, '/dev/null'],
    {
      cwd: cwd ?? home,
      env: { PATH: process.env.PATH ?? '', HOME: home, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  return follow(child);
}

/** Starts any command on a pseudo-terminal of 120 columns. */
export function startCommandOnTerminal(
  command: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Running {
  const child = spawn('script', ['-qec', `stty cols 120 rows 24; exec ${command}`, '/dev/null'], {
    cwd,
    env: { SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return follow(child);
}

function follow(child: ChildProcess): Running {
  let stdout = '';
  let stderr = '';
  let over = false;
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  child.stdin?.on('error', () => {});
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    look();
    return { code, signal, stdout, stderr } as Result;
  });
  onTestFinished(async () => {
    if (!over) child.kill('SIGKILL');
    await ended;
  });
  const until = (passes: (printed: string) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (passes(stdout + stderr)) resolve();
        else if (over) reject(new Error(`ended before: ${stdout}${stderr}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return { child, stdout: () => stdout, stderr: () => stderr, until, ended };
}

/** Terminal output as text, without escape sequences and carriage returns. */
export function plainText(drawn: string): string {
  return stripVTControlCharacters(drawn).replaceAll('\r', '');
}

/** Characters that a terminal interprets or hides; except line ends. */
export function controls(text: string): string[] {
  return [...text].filter(
    (char) => /[\p{Cc}\p{Cf}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(char) && !/[\r\n]/.test(char),
  );
}

/** Waits until a condition holds; checks it at each turn of the event loop's timers. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
