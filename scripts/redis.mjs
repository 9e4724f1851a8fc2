// A Redis program for the embedded default: the one on PATH, or one from the system's package manager.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { quietly, StepError } from './steps.mjs';

const WAYS_OUT = `The daemon's embedded default needs redis-server or valkey-server. One of:
  - install it (Debian, Ubuntu: sudo apt-get install redis-server; Fedora: sudo dnf install valkey;
    Alpine: apk add valkey; macOS: brew install redis) and run this again
  - use a Redis of your own: set REDIS_URL (or REDIS_HOST) and run this again
  - run everything in containers: docker compose up`;

/** How each package manager installs it. The first that is there is asked. */
const MANAGERS = [
  { name: 'apt-get', install: installWithApt },
  {
    name: 'dnf',
    install: (as) =>
      firstOf(as, [
        ['dnf', 'install', '-y', 'valkey'],
        ['dnf', 'install', '-y', 'redis'],
      ]),
  },
  {
    name: 'apk',
    install: (as) =>
      firstOf(as, [
        ['apk', 'add', '--no-cache', 'valkey'],
        ['apk', 'add', '--no-cache', 'redis'],
      ]),
  },
  { name: 'brew', asUser: true, install: (as) => firstOf(as, [['brew', 'install', '--quiet', 'redis']]) },
];

/** The name of the program on PATH, or undefined. */
export function redisOnPath() {
  return ['redis-server', 'valkey-server'].find((name) => runs(name, ['--version']));
}

/** Installs a Redis program. Throws a StepError with the ways out when it cannot. Gives the program's name. */
export async function installRedis() {
  const manager = MANAGERS.find(({ name }) => runs(name, ['--version']));
  if (manager === undefined) throw new StepError(`No package manager that is known here. ${WAYS_OUT}`);
  const as = manager.asUser ? [] : rootPrefix();
  if (as === undefined) {
    throw new StepError(
      `Not root, and sudo asks for a password: ${manager.name} cannot be used. ${WAYS_OUT}`,
    );
  }
  try {
    await manager.install(as);
  } catch (error) {
    throw new StepError(`${error.message}\n\n${WAYS_OUT}`);
  }
  const program = redisOnPath();
  if (program === undefined)
    throw new StepError(`${manager.name} installed it, but it is not on PATH. ${WAYS_OUT}`);
  return program;
}

async function installWithApt(as) {
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=120', '-y'];
  const install = [...apt, 'install', '--no-install-recommends', 'redis-server'];
  const served = isServed();
  // The package lists may be missing (container images) or old (404 for the package).
  await firstOf(as, [install]).catch(async () => {
    await run(as, [...apt, 'update']);
    await run(as, install);
  });
  // Debian starts a service with the package; nobody asked for it. One that ran before stays.
  if (!served && isServed()) await run(as, ['systemctl', 'disable', '--now', 'redis-server']);
}

function isServed() {
  return existsSync('/run/systemd/system') && runs('systemctl', ['is-active', '--quiet', 'redis-server']);
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

function runs(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
