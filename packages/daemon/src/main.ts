#!/usr/bin/env node
/** The program csvjobsd: arguments, signals and the exit code; nothing else. */
import { parseArgs } from 'node:util';
import { processEnvironment, readConfig } from './config.js';
import { effectiveConfiguration, mistypedVariables } from './configDescription.js';
import type { Role } from './daemon.js';
import { asFailure, Failure } from './failure.js';
import { createLog, type Log } from './log.js';
import { type LogOutput, openLogOutput } from './logOutput.js';
import { notifyReady } from './notify.js';
import { print } from './stdout.js';
import { version } from './version.js';

const HELP = `Usage: csvjobsd [--role all|api|worker]     run the daemon in the foreground
       csvjobsd migrate [down]                bring the database schema up to date, or take the last step back
       csvjobsd check <file> [--encoding <name>] [--delimiter <character>]
                                              say what a load of the file would reject, as lines of JSON
       csvjobsd --check-config                show the effective configuration (no secrets), or what is wrong with it
       csvjobsd --version | --help

Configuration is by environment variables (docs/configuration.md). Without DATABASE_URL and DB_HOST
a private PostgreSQL is run, without REDIS_URL and REDIS_HOST a private Redis, both under DATA_DIR.
`;

/** How long the reader of the log may take for its last lines, in ms; and at a second signal, which ends at once. */
const LOG_PATIENCE = { orderly: 500, atOnce: 100 };

let output: LogOutput | undefined;

/** Ends the process, with all that it has said. */
async function leave(code: number, patienceMs = LOG_PATIENCE.orderly): Promise<never> {
  await output?.end(patienceMs);
  process.exit(code);
}

/** Exit code 2 is for what the caller can mend (arguments, configuration), 1 for all else. */
async function main(): Promise<number> {
  // Neither servers nor queue are needed for a check, and loading them takes longer than most checks.
  if (process.argv[2] === 'check') return checkOnly(process.argv.slice(3));
  const [{ ROLES, startDaemon }, { migrateDatabase }] = await Promise.all([
    import('./daemon.js'),
    import('./migrating.js'),
  ]);
  const { values, positionals } = readArguments(ROLES);
  if (values.help) return say(HELP);
  if (values.version) return say(`${version}\n`);
  const environment = processEnvironment();
  const config = readConfig(environment);
  const mistyped = mistypedVariables(environment);
  if (values['check-config']) {
    for (const { name, meant } of mistyped) await say(`${name} is not known; is ${meant} meant?\n`);
    return say(`${effectiveConfiguration(environment, config)}the configuration is usable\n`);
  }
  output = openLogOutput();
  const log = createLog(config.LOG_LEVEL, output);
  for (const { name, meant } of mistyped) log.warn({ variable: name, meant }, 'a variable is not known');

  const [command, direction] = positionals;
  if (command === 'migrate') {
    const ran = await migrateDatabase(config, log, direction === 'down' ? 'down' : 'up');
    return say(
      ran.length === 0
        ? 'nothing to migrate\n'
        : `${direction === 'down' ? 'taken back' : 'migrated'}: ${ran.join(', ')}\n`,
    );
  }

  // From the first moment on: private servers that are being started are not to be left behind.
  const giveUp = new AbortController();
  const asked = firstSignal().then((signal) => {
    log.info({ signal }, 'stopping; a second signal ends at once');
    void firstSignal().then((second) => leave(second === 'SIGINT' ? 130 : 143, LOG_PATIENCE.atOnce));
    endBy(config.SHUTDOWN_TIMEOUT, log, 0);
    giveUp.abort(new Failure('stopped', `stopped by ${signal}`));
  });
  const daemon = await startDaemon(config, log, values.role as Role, giveUp.signal).catch((error) => {
    if (!giveUp.signal.aborted) throw error;
    if (error !== giveUp.signal.reason) log.info({ err: error }, 'the start was broken off');
    return undefined;
  });
  if (daemon) {
    const word = await notifyReady(environment, { pid: process.pid, status: `listening on ${daemon.url}` });
    if (word instanceof Error) log.warn({ err: word }, 'systemd could not be told that the daemon is ready');
  }
  const lost = await Promise.race([asked, daemon?.lost]);
  if (lost) {
    log.fatal({ err: lost }, 'a private server has ended; stopping');
    endBy(config.SHUTDOWN_TIMEOUT, log, 1);
  }
  await daemon?.close();
  log.info('stopped');
  return lost ? 1 : 0;
}

async function checkOnly(args: string[]): Promise<number> {
  const { check, checkArguments } = await import('./check.js');
  await check(checkArguments(args), readConfig(processEnvironment()), print);
  return 0;
}

function readArguments(roles: readonly Role[]) {
  try {
    const read = parseArgs({
      allowPositionals: true,
      options: {
        role: { type: 'string', default: 'all' },
        'check-config': { type: 'boolean', default: false },
        version: { type: 'boolean', short: 'V', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [command, direction, ...more] = read.positionals;
    if (command !== undefined && command !== 'migrate') throw new Error(`unknown command: ${command}`);
    if (more.length > 0 || !['down', 'up', undefined].includes(direction))
      throw new Error('migrate takes nothing or: down');
    if (!roles.includes(read.values.role as Role)) throw new Error(`--role is one of ${roles.join(', ')}`);
    return read;
  } catch (error) {
    throw new Failure('usage', `${(error as Error).message}\n\n${HELP}`);
  }
}

function firstSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Ends the process when the time for an orderly end is over; what is committed stays, the rest is loaded again. */
function endBy(ms: number, log: Log, code: number): void {
  setTimeout(() => {
    log.warn({ ms }, 'the time to stop is over (SHUTDOWN_TIMEOUT); what still hangs is cut off');
    void leave(code);
  }, ms).unref();
}

async function say(text: string): Promise<number> {
  await print(text);
  return 0;
}

main().then(
  (code) => leave(code),
  (error: unknown) => {
    const failure = asFailure(error);
    if (failure.code === 'reader_gone') return leave(0);
    process.stderr.write(`csvjobsd: ${failure.message}\n`);
    if (failure.code === 'unexpected') process.stderr.write(`${failure.stack}\n`);
    return leave(failure.code === 'usage' || failure.code === 'configuration_invalid' ? 2 : 1);
  },
);
