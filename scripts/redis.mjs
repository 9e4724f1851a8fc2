// A Redis program for the embedded default: the one on PATH, or one from the system's package manager.
import { StepError } from './steps.mjs';
import { installProgram, runs } from './systemPackage.mjs';

const WAYS_OUT = `The daemon's embedded default needs redis-server or valkey-server. One of:
  - install it (Debian, Ubuntu: sudo apt-get install redis-server; Fedora: sudo dnf install valkey;
    Alpine: apk add valkey; macOS: brew install redis) and run this again
  - use a Redis of your own: set REDIS_URL (or REDIS_HOST) and run this again
  - run everything in containers: docker compose up`;

const PACKAGES = {
  apt: 'redis-server',
  dnf: ['valkey', 'redis'],
  apk: ['valkey', 'redis'],
  brew: ['redis'],
  service: 'redis-server',
};

/** The name of the program on PATH, or undefined. */
export function redisOnPath() {
  return ['redis-server', 'valkey-server'].find((name) => runs(name, ['--version']));
}

/** Installs a Redis program. Throws a StepError with the ways out when it cannot. Gives the program's name. */
export async function installRedis() {
  const manager = await installProgram(PACKAGES, WAYS_OUT);
  const program = redisOnPath();
  if (program === undefined)
    throw new StepError(`${manager} installed it, but it is not on PATH. ${WAYS_OUT}`);
  return program;
}
