/** A server as a separate child process: with its own session, and its output in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { Failure } from '../failure.js';
import { pause } from './processes.js';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/** How often to check whether a starting server is ready, in milliseconds. */
const POLL = 15;
/** A log larger than this is rotated at a start. */
const LOG_LIMIT = 10 * 2 ** 20;

export interface ServerProcess {
  pid: number;
  /** Resolves when the process has exited, for any reason. */
  ended: Promise<void>;
  hasEnded(): boolean;
}

/**
 * Starts a program. It gets its own session, so that Ctrl-C in the terminal reaches only the daemon, which
 * then stops its servers in order; and a file for its output, so that a closed pipe cannot kill it.
 * @throws {Failure} `embedded_server_failed` if the program cannot be started
 */
export async function startServer(
  command: [program: string, args: string[]],
  options: { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number },
  logFile: string,
): Promise<ServerProcess> {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT)
    renameSync(logFile, `${logFile}.1`);
  // Does not follow links: in a folder that once belonged to another user, a link may lead anywhere.
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
 * Waits until a server reports that it is ready. There is no time limit: recovery after a crash takes as long
 * as it takes, and a server that gives up exits.
 * @throws {Failure} `embedded_server_failed` with the end of its log if it exits instead,
 * `embedded_start_aborted` if the signal is aborted
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
