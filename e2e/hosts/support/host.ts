/**
 * A host of the suite: a network, a name and processes of its own (network_namespaces(7), uts_namespaces(7),
 * pid_namespaces(7)). Nothing of it has a name outside, so it is gone when its first process is, and that ends with the tests:
 * also when they are killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { until } from '../../faults/support/until.js';

const run = promisify(execFile);

/** What keeps a host up. Ended with its parent; all that runs in the host ends with it. */
export const HOST_COMMAND = [
  ...['setpriv', '--pdeathsig', 'KILL'],
  ...['unshare', '--net', '--uts', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
  ...['sleep', 'infinity'],
] as const;

export interface Host {
  name: string;
  /** Its first process, as this machine knows it. */
  pid: number;
  /** In front of a command that is to run in it. */
  prefix: readonly string[];
  /** In front of one that stays among the processes of this machine. */
  networkPrefix: readonly string[];
  /** Runs a command in it to its end. */
  run(...command: string[]): Promise<string>;
  /** The programs that run in it, but the first. */
  processes(): number[];
  /** To all of them. */
  signal(signal: NodeJS.Signals): void;
  /** All of it ends at once, as when its power is cut. */
  kill(): Promise<void>;
}

/** @throws where this machine lets nobody make namespaces */
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
    // It has mounted its own /proc, and is no copy of `unshare` any more.
    return child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8') === 'sleep\n' && child;
  });
}

/** Processes in the namespace of processes that one has. */
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
