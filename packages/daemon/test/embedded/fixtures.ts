/** Shared parts of the embedded servers' tests: folders, servers and holders that are removed afterwards. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/embedded/embedded.js';

/**
 * Cleans up after the current test, last registered first. No `afterEach` here: files that share a process
 * load this module once (vitest.projects.ts), so it would run only for the first of them.
 */
const cleanUp = (work: () => Promise<void> | void) => onTestFinished(work);

/** Warnings of the servers started by `start` in this test file. */
export const warnings: string[] = [];
const log = { info() {}, error() {}, warn: (_: object, message: string) => void warnings.push(message) };

/** A new folder, with mode 0700 as from mkdtemp. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let used: Promise<string> | undefined;

/**
 * A new folder as the servers left it: a copy of one that they have run in, because to make PostgreSQL's data takes more than a CPU
 * second. A file that uses it calls `removeUsed` at its end.
 */
export async function usedFolder(): Promise<string> {
  used ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'csvjobs-'));
    const want = { postgres: true, redis: true };
    await (await startEmbedded({ dataDir: folder, want, log })).close();
    return folder;
  })();
  const folder = temporaryFolder();
  execFileSync('cp', ['-a', `${await used}/.`, folder]);
  return folder;
}

export async function removeUsed(): Promise<void> {
  if (used) rmSync(await used, { recursive: true, force: true });
  used = undefined;
}

/** Both servers by default; closed after the test at the latest. */
export async function start(dataDir: string, more: Partial<EmbeddedOptions> = {}): Promise<Embedded> {
  const embedded = await startEmbedded({ dataDir, want: { postgres: true, redis: true }, log, ...more });
  cleanUp(() => embedded.close());
  return embedded;
}

/** Another process that holds the servers; `said` is its answer. */
export async function startHolder(
  dataDir: string,
): Promise<{ process: ChildProcess; said: Embedded & { failure?: string } }> {
  const child = spawnHolder(dataDir);
  const [line] = await once(createInterface({ input: child.stdout! }), 'line');
  return { process: child, said: JSON.parse(line) };
}

/** The same, without waiting until its servers are ready. */
export function spawnHolder(dataDir: string): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('holder.mjs', import.meta.url)), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp(() => kill(child));
  return child;
}

/** Kills the holder with SIGKILL, and waits until it has exited. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** The rows of a statement on its own connection. */
export async function query(embedded: Embedded, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(embedded.postgres!.connection);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Runs work with a connection to Redis. */
export async function withRedis<T>(embedded: Embedded, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(embedded.redis!.path);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

/** The process ID in the first line of a server's pid file. */
export function pidIn(...path: string[]): number {
  return Number.parseInt(readFileSync(join(...path), 'utf8'), 10);
}

/** Sends SIGKILL to the whole PostgreSQL of a data folder, like a power cut: backends do not survive it. */
export function crashPostgres(dataDir: string): void {
  for (const { pid } of postgresProcesses(dataDir)) process.kill(pid, 'SIGKILL');
}

/** The PostgreSQL processes of a data folder with their titles (Linux). */
export function postgresProcesses(dataDir: string): { pid: number; title: string }[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/cwd`) !== join(dataDir, 'postgres/data'))
        return [];
      return [{ pid: Number(pid), title: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
    } catch {
      return [];
    }
  });
}
