/**
 * A host of the suite: its own network, name and processes (network_namespaces(7), uts_namespaces(7),
 * pid_namespaces(7)). Nothing of it has a name outside, so it disappears with its first process, which ends with the tests,
 * even if they are killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { until } from '../../faults/support/until.js';

const run = promisify(execFile);

/** Keeps a host up. Ends with its parent; everything in the host ends with it. */
export const HOST_COMMAND = [
  ...['setpriv', '--pdeathsig', 'KILL'],
  ...['unshare', '--net', '--uts', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
  ...['sleep', 'infinity'],
] as const;

export interface Host {
  name: string;
  /** Its first process, by its PID on this machine. */
  pid: number;
  /** Prefix for a command to run in it. */
  prefix: readonly string[];
  /** Prefix for one that stays in this machine's PID namespace. */
  networkPrefix: readonly string[];
  /** Runs a command in it to its end. */
  run(...command: string[]): Promise<string>;
  /** The programs running in it, except the first. */
  processes(): number[];
  /** Sends a signal to all of them. */
  signal(signal: NodeJS.Signals): void;
  /** Ends everything at once, like a power failure. */
  kill(): Promise<void>;
}

/** @throws if this machine does not allow namespaces */
export async function startHost(name: string): Promise<Host> {
  const [command, ...args] = HOST_COMMAND;
  const holder = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const pid = await firstProcess(holder);
  const namespaces = `--target=${pid}`;
  const prefix = ['nsenter', namespaces, '--net', '--uts', '--mount', '--pid', '--'];
  const host: Host = {
    name,
    pid,
    prefix,
    networkPrefix: ['nsenter', namespaces, '--net', '--uts', '--'],
    run: async (...inside) => {
      const [program = '', ...rest] = [...prefix, ...inside];
      return (await run(program, rest)).stdout;
    },
    processes: () => processesLike(pid).filter((each) => each !== pid),
    signal: (signal) => {
      for (const each of host.processes()) process.kill(each, signal);
    },
    kill: async () => {
      if (holder.exitCode !== null || holder.signalCode !== null) return;
      const ended = once(holder, 'exit');
      holder.kill('SIGKILL');
      await ended;
      await until(`host ${name} is gone`, () => !isThere(pid));
    },
  };
  await host.run('hostname', name);
  await host.run('ip', 'link', 'set', 'lo', 'up');
  return host;
}

/** The child of `unshare`, which is the first process of its namespaces. */
async function firstProcess(holder: ChildProcess): Promise<number> {
  let said = '';
  holder.stderr!.on('data', (text) => {
    said += text;
  });
  return until('the host is up', () => {
    if (holder.exitCode !== null) throw new Error(`no host can be made here: ${said}`);
    const child = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8'));
    // It has mounted its own /proc, and is no longer a copy of `unshare`.
    return child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n' && child;
  });
}

/** Processes in the PID namespace of a process. */
function processesLike(pid: number): number[] {
  const own = namespaceOf(pid);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => own !== undefined && namespaceOf(each) === own);
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
