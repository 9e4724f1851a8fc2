/** The built daemon as a separate process, configured by its environment and observed through its log. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DAEMON } from '../../../packages/daemon/test/support/programs.js';
import { recording, watchLog } from '../../../packages/daemon/test/watch/watched.js';
import { descriptors } from './leftovers.js';
import { until } from './until.js';

/** A line of the log. */
export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

export interface DaemonProcess {
  pid: number;
  /** The address it listens on; waits until it does. */
  url(): Promise<string>;
  /** All lines logged so far. */
  log(): LogLine[];
  /** Its output on stderr, besides the log. */
  said(): string;
  /** Waits for a line of the log. */
  logged(message: string | RegExp, patienceMs?: number): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  /** Waits until a SIGSTOP has stopped it. An earlier SIGCONT would be lost. */
  stopped(): Promise<void>;
  /** Resolves when it exits: the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  hasEnded(): boolean;
  /** The number of its descriptors, except sockets, when it started to listen; undefined if not checked. */
  descriptorsAtFirst(): number | undefined;
}

export function startDaemonProcess(
  environment: Record<string, string>,
  options: { args?: string[]; prefix?: string[]; cwd: string },
): DaemonProcess {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const [program, ...args] = [...(options.prefix ?? []), process.execPath, DAEMON, ...(options.args ?? [])];
  const child: ChildProcess = spawn(program!, args, {
    cwd: options.cwd,
    env: {
      PATH,
      HOME,
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      NODE_ENV: 'test',
      ...environment,
      ...recording(environment),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  watchLog(() => [said, ...lines.map((line) => JSON.stringify(line))]);
  let rest = '';
  let said = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) lines.push(parse(part));
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let atFirst: number | undefined;
  let over: number | NodeJS.Signals | undefined;
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      over = signal ?? code ?? 0;
      resolve(over);
    });
  });
  const logged: DaemonProcess['logged'] = async (message, patienceMs) => {
    const find = () =>
      lines.find(({ msg }) => (typeof message === 'string' ? msg === message : message.test(msg)));
    const found = await until(
      `the daemon logs ${message}`,
      () => find() ?? (over === undefined ? undefined : ({ level: '', msg: '' } as LogLine)),
      patienceMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it logged ${lines.map((line) => JSON.stringify(line)).join('\n')}`);
    });
    if (found.msg === '') {
      throw new Error(
        `the daemon ended with ${over} before it logged ${message}: ${said}${JSON.stringify(lines)}`,
      );
    }
    return found;
  };
  return {
    pid: child.pid!,
    url: async () => {
      const { url } = await logged('listening');
      atFirst ??= descriptors(child.pid!);
      return String(url);
    },
    descriptorsAtFirst: () => atFirst,
    said: () => said,
    log: () => lines,
    logged,
    signal: (signal) => {
      child.kill(signal);
    },
    stopped: async () => {
      await until('the daemon is stopped', () => stateOf(child.pid!) === 'T');
    },
    ended,
    hasEnded: () => over !== undefined,
  };
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'text', msg: line };
  }
}

/** The state of a process, as ps shows it (proc_pid_stat(5)). */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
}
