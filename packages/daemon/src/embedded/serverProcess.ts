/** A server as a child process that lives apart: its own session and its output in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { Failure } from '../failure.js';
import { pause } from './processes.js';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/** How often a starting server is asked whether it is ready, in milliseconds. */
const POLL = 15;
/** A log is put aside at a start when it is larger. */
const LOG_LIMIT = 10 * 2 ** 20;

export interface ServerProcess {
  pid: number;
  /** Kept when the process has ended, for whatever reason. */
  ended: Promise<void>;
  hasEnded(): boolean;
}

/**
 * Starts a program. It gets a session of its own, so that Ctrl-C in the terminal reaches the daemon alone, which
 * then ends its servers in order; and a file for its output, so that it does not die of a closed pipe.
 * @throws Failure `embedded_server_failed` when the program cannot be started.
 */
export async function startServer(
  command: [program: string, args: string[]],
  options: { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number },
  logFile: string,
): Promise<ServerProcess> {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT)
    renameSync(logFile, `${logFile}.1`);
  // No link is followed: in a folder that was somebody else's once, it may lead anywhere.
  const log = openSync(logFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  let child: ChildProcess;
  try {
    child = spawn(...command, { ...options, detached: true, stdio: ['ignore', log, log] });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (cause) {
    throw new Failure(
      'embedded_server_failed',
      `${command[0]} cannot be started: ${(cause as Error).message}`,
      { cause },
    );
  } finally {
    closeSync(log);
  }
  let gone = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      gone = true;
      resolve();
    });
  });
  return { pid: child.pid!, ended, hasEnded: () => gone };
}

/**
 * Waits until a server says that it is ready. There is no time limit: recovery after a crash takes as long
 * as it takes, and a server that gives up ends.
 * @throws Failure `embedded_server_failed` with the end of its log when it ends instead,
 * `embedded_start_aborted` when the signal came.
 */
export async function untilReady(
  name: string,
  server: ServerProcess,
  isReady: () => boolean | Promise<boolean>,
  logFile: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (!(await isReady())) {
    if (signal?.aborted) {
      throw new Failure('embedded_start_aborted', `Startup of the embedded ${name} was aborted.`);
    }
    if (server.hasEnded()) {
      const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
      throw new Failure(
        'embedded_server_failed',
        `The embedded ${name} did not start. The end of ${logFile}:\n${said}`,
      );
    }
    await pause(POLL);
  }
}
