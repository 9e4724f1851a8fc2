// PgBouncer, for tests alone: those that need it are skipped, and say so, where it is not.
import { installProgram, runs } from './systemPackage.mjs';

const WAYS_OUT = `The tests behind a pooler are skipped without PgBouncer. To have them run, install it
(Debian, Ubuntu: sudo apt-get install pgbouncer; Fedora: sudo dnf install pgbouncer; macOS: brew install pgbouncer).`;

const PACKAGES = {
  apt: 'pgbouncer',
  dnf: ['pgbouncer'],
  apk: ['pgbouncer'],
  brew: ['pgbouncer'],
  service: 'pgbouncer',
};

/** Whether it is there. Debian has it in /usr/sbin, which is not on everybody's PATH. */
export function hasPgBouncer() {
  return ['pgbouncer', '/usr/sbin/pgbouncer'].some((program) => runs(program, ['--version']));
}

/** Installs it. Throws a StepError with the way out when it cannot. */
export async function installPgBouncer() {
  await installProgram(PACKAGES, WAYS_OUT);
}
