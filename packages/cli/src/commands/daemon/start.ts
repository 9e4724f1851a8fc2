/** `csvjobs daemon start`: starts the daemon in the background; returns when it is ready. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FIRST_START, RECOVERY } from '@csvjobs/shared/paths';
import { isBlockedPort } from '../../client/blockedPorts.js';
import type { DaemonClient } from '../../client/daemonClient.js';
import { daemonEnvironment, listensElsewhere, portElsewhere, stateFolder } from '../../config/environment.js';
import { DEFAULT_URL, isLoopback } from '../../config/settings.js';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exitCodes.js';
import { exclusively } from '../../localDaemon/daemonLock.js';
import { findDaemonProgram } from '../../localDaemon/daemonProgram.js';
import {
  type DaemonRecord,
  processStart,
  readRecord,
  recordPaths,
  removeRecord,
  runs,
  writeRecord,
} from '../../localDaemon/daemonRecord.js';
import { whyElsewhere } from '../../localDaemon/onThisMachine.js';
import { clean, duration, toJson } from '../../text/text.js';
import { asUserError, UserError, usageError } from '../../userError.js';

const POLL_INTERVAL = 100;

/** A log larger than this, in bytes, is renamed to .1 at a start. */
const LOG_LIMIT = 10_000_000;

/** Messages of the daemon's log that explain a slow start. */
const SLOW_STARTS = [
  [FIRST_START, 'the first start sets up its database, which takes a while'],
  [RECOVERY, 'its database was not shut down and recovers first, which may take a while'],
] as const;

export async function startDaemon(context: Context, { timeout }: { timeout: number }): Promise<ExitCode> {
  const url = context.settings.url.value;
  await assertUsable(url);
  const program = findDaemonProgram();
  const client = await context.client();
  return exclusively(url, busy, async () => {
    const running = readRecord(url);
    if (running) {
      await waitUntilReady(context, client, running, timeout);
      return report(context, running, 'is already running');
    }
    await assertFree(client);
    const { log } = recordPaths(url);
    const file = openLog(log);
    const logStart = fstatSync(file).size;
    const child = spawn(program.command, program.args, {
      detached: true,
      stdio: ['ignore', file, file],
      env: daemonEnvironment(url),
    });
    closeSync(file);
    await once(child, 'spawn').catch((cause: Error) => {
      throw failed(`it cannot be run: ${cause.message}`, log, cause);
    });
    child.unref();
    const pid = child.pid ?? 0;
    const record: DaemonRecord = { pid, start: processStart(pid) ?? '', url: url.href, log };
    writeRecord(record);
    await waitUntilReady(context, client, record, timeout, logStart);
    return report(context, record, 'is ready');
  });
}

/**
 * Throws if the daemon exits or is not ready in time.
 * @param logStart offset in the log where this start began, in bytes; undefined for a daemon that another call started
 */
async function waitUntilReady(
  { signal, err, quiet, json }: Context,
  client: DaemonClient,
  record: DaemonRecord,
  timeout: number,
  logStart?: number,
): Promise<void> {
  const started = performance.now();
  let last = 'no response yet';
  let printed: string | undefined;
  for (;;) {
    try {
      const { readiness } = await client.ready();
      // Another daemon may have taken the address and answer; then ours has exited.
      if (readiness.ready && runs(record)) return;
      const unwell = Object.entries(readiness.checks).find(([, { ok }]) => !ok);
      if (unwell) last = clean(`${unwell[0]}: ${unwell[1].message}`);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const { code, why } = asUserError(error);
      // During a start it is normal that nothing listens yet.
      if (code !== 'daemon_unreachable') last = why ?? last;
    }
    const elapsed = performance.now() - started;
    if (!runs(record)) {
      removeRecord(new URL(record.url));
      throw failed(lastLines(record.log), record.log);
    }
    if (elapsed > timeout)
      throw new UserError({
        code: 'daemon_not_ready',
        exitCode: EXIT.unreachable,
        what: `The daemon (pid ${record.pid}) is not ready after ${duration(elapsed)}`,
        why: last,
        next: 'csvjobs daemon logs; csvjobs daemon status; csvjobs daemon stop',
      });
    // Print each reason once: the user may be able to fix it meanwhile.
    if (elapsed > 3_000 && !quiet && !json && printed !== last) {
      printed = last;
      const log = logStart === undefined ? '' : readFileSync(record.log).toString('utf8', logStart);
      const slow = SLOW_STARTS.find(([message]) => log.includes(message))?.[1];
      err.hint(`starting: ${slow ?? `${last}; to follow the log: csvjobs daemon logs -f`}`);
    }
    await sleep(POLL_INTERVAL, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
  }
}

/** Throws if something else already listens at the address, before starting a daemon that could not. */
async function assertFree(client: DaemonClient): Promise<void> {
  let why: string;
  let isDaemon = false;
  try {
    const { readiness } = await client.ready();
    isDaemon = true;
    why = `a csvjobs daemon (version ${clean(readiness.version)}) responds there that was not started by "daemon start"`;
  } catch (error) {
    const { code, why: reason } = asUserError(error);
    if (code === 'daemon_unreachable') return;
    why = reason ?? 'something else responds there';
  }
  throw new UserError({
    code: 'address_in_use',
    exitCode: EXIT.usage,
    what: `The address ${client.url.origin} is in use`,
    why,
    next: `${isDaemon ? 'use that daemon, or ' : ''}choose another port: csvjobs daemon start --url ${nextPort(client.url)}`,
  });
}

/** Throws if a daemon started for this address could not be used there. */
export async function assertUsable(url: URL): Promise<void> {
  await assertHere(url);
  assertPlain(url);
  assertSamePort(url);
  assertOpenPort(url);
}

/** Throws if the daemon itself would have to speak TLS: only a proxy in front of it does. */
function assertPlain(url: URL): void {
  if (url.protocol === 'http:' || listensElsewhere() || portElsewhere(url) !== undefined) return;
  throw usageError(
    `A daemon cannot be started at ${url.origin}`,
    'a daemon speaks http; only a proxy in front of it can speak https',
    `csvjobs daemon start --url http://${url.hostname}:${url.port || 4000}`,
  );
}

/**
 * Throws if API_PORT is not the port of an address on this machine: no command would find the daemon. An address
 * elsewhere may be a proxy's, so its port may differ.
 */
function assertSamePort(url: URL): void {
  const port = portElsewhere(url);
  if (port === undefined || !isLoopback(url)) return;
  throw usageError(
    `API_PORT is ${clean(port)}, but csvjobs looks for the daemon at ${url.origin}`,
    undefined,
    /^[1-9]\d{0,4}$/.test(port)
      ? `csvjobs daemon start --url ${withPort(url, port)} (later commands need the same --url, or CSVJOBS_URL)`
      : 'unset API_PORT: the daemon then listens at that address',
  );
}

/** Throws if the address is of another machine. API_HOST says where the daemon listens, which may be behind a proxy. */
async function assertHere(url: URL): Promise<void> {
  if (listensElsewhere()) return;
  const why = await whyElsewhere(url);
  if (why === undefined) return;
  throw usageError(
    `A daemon cannot be started at ${url.origin}`,
    `csvjobs daemon start starts it on this machine, and ${why}`,
    `start it on that machine, or here: csvjobs daemon start --url ${DEFAULT_URL}`,
  );
}

/** Throws if progress could not be streamed from the address. */
function assertOpenPort(url: URL): void {
  if (!isBlockedPort(url)) return;
  throw usageError(
    `a daemon on port ${url.port} could not stream progress: fetch and browsers block this port`,
    undefined,
    `csvjobs daemon start --url ${withPort(url, 4000)}`,
  );
}

/** The same address with the next port. */
function nextPort(url: URL): string {
  return withPort(url, Number(url.port || 80) + 1);
}

function withPort({ protocol, hostname }: URL, port: number | string): string {
  return `${protocol}//${hostname}:${port}`;
}

function report({ out, err, json, quiet }: Context, { pid, url, log }: DaemonRecord, what: string): ExitCode {
  if (json) out.line(toJson({ pid, url, log }));
  else if (quiet) out.line(String(pid));
  else {
    err.line(`${err.paint.green('✓')} The daemon ${what}: ${err.paint.bold(url)} (pid ${pid})`);
    err.line(`  log:  ${log}`);
    err.hint('  stop: csvjobs daemon stop');
  }
  return EXIT.done;
}

function openLog(log: string): number {
  mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT) renameSync(log, `${log}.1`);
  return openSync(log, 'a', 0o600);
}

function lastLines(log: string): string {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).map(clean);
  return lines.join('\n') || 'it ended without a message';
}

function failed(why: string, log: string, cause?: unknown): UserError {
  return new UserError({
    code: 'daemon_start_failed',
    exitCode: EXIT.unreachable,
    what: 'The daemon did not start',
    why,
    next: `fix this and start it again; the whole log: ${log}`,
    cause,
  });
}

function busy(): UserError {
  return new UserError({
    code: 'daemon_start_busy',
    exitCode: EXIT.usage,
    what: 'Another csvjobs is starting or stopping this daemon',
    next: 'csvjobs daemon status',
  });
}
