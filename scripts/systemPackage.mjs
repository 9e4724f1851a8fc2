// Programs from the system's package manager: the one kind of thing that is added to a machine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { quietly, StepError } from './steps.mjs';

/** How each package manager installs a package. The first that is there is asked. */
const MANAGERS = [
  { name: 'apt-get', install: installWithApt },
  {
    name: 'dnf',
    install: (as, { dnf }) =>
      firstOf(
        as,
        dnf.map((name) => ['dnf', 'install', '-y', name]),
      ),
  },
  {
    name: 'apk',
    install: (as, { apk }) =>
      firstOf(
        as,
        apk.map((name) => ['apk', 'add', '--no-cache', name]),
      ),
  },
  {
    name: 'brew',
    asUser: true,
    install: (as, { brew }) =>
      firstOf(
        as,
        brew.map((name) => ['brew', 'install', '--quiet', name]),
      ),
  },
];

/**
 * Installs a program. `packages` has its names for each manager, the best first (`{ apt, dnf, apk, brew }`); a service
 * that Debian starts with it, which nobody asked for, is named `service` and stopped.
 * A person at a terminal is asked first; in CI, and where nobody can answer, it is installed.
 * Throws a StepError that ends with `waysOut` where it cannot, or where the answer is no.
 */
export async function installProgram(packages, waysOut) {
  const manager = MANAGERS.find(({ name }) => runs(name, ['--version']));
  if (manager === undefined) throw new StepError(`No package manager that is known here. ${waysOut}`);
  const as = manager.asUser ? [] : rootPrefix();
  if (as === undefined) {
    throw new StepError(`Not root, and sudo asks for a password: ${manager.name} cannot be used. ${waysOut}`);
  }
  const name = [packages[manager.name === 'apt-get' ? 'apt' : manager.name]].flat()[0];
  if (!(await agreed(`Install ${name} on this machine with ${manager.name}?`)))
    throw new StepError(`Not installed. ${waysOut}`);
  try {
    await manager.install(as, packages);
  } catch (error) {
    throw new StepError(`${error.message}\n\n${waysOut}`);
  }
  return manager.name;
}

/** Whether a person says yes to adding something to the machine. `outputs`: the first that is a terminal gets the question. */
export async function agreed(
  question,
  { env = process.env, input = process.stdin, outputs = [process.stdout, process.stderr] } = {},
) {
  // With `npm test | tee log`, the person can still answer.
  const output = outputs.find(({ isTTY }) => isTTY);
  if (env.CI || !input.isTTY || output === undefined) return true;
  const terminal = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await terminal.question(`\n${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/** Whether a program can be run. */
export function runs(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

async function installWithApt(as, { apt: name, service }) {
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120', '-y'];
  const install = [...apt, 'install', '--no-install-recommends', name];
  const served = isServed(service);
  // The package lists may be missing (container images) or old (404 for the package).
  await firstOf(as, [install]).catch(async () => {
    await run(as, [...apt, 'update']);
    await run(as, install);
  });
  // Debian starts a service with the package; nobody asked for it. One that ran before stays.
  if (!served && isServed(service)) await run(as, ['systemctl', 'disable', '--now', service]);
}

function isServed(service) {
  return existsSync('/run/systemd/system') && runs('systemctl', ['is-active', '--quiet', service]);
}

/** What stands before a command to run it as root: nothing, sudo, or undefined where neither goes. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return runs('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

async function firstOf(as, commands) {
  for (const [index, command] of commands.entries()) {
    try {
      return await run(as, command);
    } catch (error) {
      if (index === commands.length - 1) throw error;
    }
  }
}

function run(as, command) {
  const [program, ...args] = [...as, ...command];
  return quietly(program, args);
}
