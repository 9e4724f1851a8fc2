#!/usr/bin/env node
/** The program csvjobsd: only arguments, signals and the exit code. */
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { processEnvironment, readConfig } from './config.js';
import { effectiveConfiguration, mistypedVariables } from './configDescription.js';
import type { Role } from './daemon.js';
import { sayFailure } from './exitCode.js';
import { Failure } from './failure.js';
import { runFileCommand } from './fileCommands.js';
import { createLog, type Log } from './log.js';
import { type LogOutput, openLogOutput } from './logOutput.js';
import { notifyReady } from './notify.js';
import { print } from './stdout.js';
import { version } from './version.js';

const HELP = `Usage: csvjobsd [--role all|api|worker]     run the daemon in the foreground
       csvjobsd migrate [down]                migrate the database schema, or roll back the last migration
       csvjobsd adopt-uploads                 assign UPLOAD_DIR to the configured database, even if it belongs to another
       csvjobsd check <file> [--table <file>] [--spec <file>] [--first <records>]
                      [--encoding <name>] [--delimiter <character>]
                                              print what a load of the file would reject, as NDJSON
       csvjobsd sniff <file> [--encoding <name>] [--delimiter <character>] [--spec <file>]
                                              print what is detected about the file, as JSON
       csvjobsd map <file> [--table <file>] [--spec <file>] [--encoding <name>] [--delimiter <character>]
                                              print which field fills which column, as JSON
       csvjobsd propose-table <file> --into <table> [--key <columns>] [--exact-names]
                              [--encoding <name>] [--delimiter <character>] [--spec <file>]
                                              propose a table for the file, as JSON
       csvjobsd --check-config                print the effective configuration without secrets, or what is wrong with it
       csvjobsd --version | --help

Environment variables configure the daemon (docs/configuration.md). Without DATABASE_URL and DB_HOST it
runs a private PostgreSQL, without REDIS_URL and REDIS_HOST a private Redis, both under DATA_DIR.
`;

/**
 * How long to wait for the log's reader to take the last lines, in ms; and after a second signal, which exits
 * at once.
 */
const LOG_PATIENCE = { orderly: 500, atOnce: 100 };

// Otherwise SIGUSR1 opens Node's debugger on a local port, where any user who can connect could run code.
process.on('SIGUSR1', () => {});

let output: LogOutput | undefined;

/** Exits, after the log was written. */
async function leave(code: number, patienceMs = LOG_PATIENCE.orderly): Promise<never> {
  await output?.end(patienceMs);
  process.exit(code);
}

async function main(): Promise<number> {
  // A check needs neither servers nor queue, and loading them takes longer than most checks.
  if (await runFileCommand(process.argv.slice(2))) return 0;
  const [{ ROLES, startDaemon }, { migrateDatabase }] = await Promise.all([
    import('./daemon.js'),
    import('./migrating.js'),
  ]);
  const { values, positionals } = readArguments(ROLES);
  if (values.help) return say(HELP);
  if (values.version) return say(`${version}\n`);
  const environment = processEnvironment();
  // Otherwise each process and thread warns that later versions will need a later Node.
  environment.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const config = readConfig(environment);
  const mistyped = mistypedVariables(environment);
  if (values['check-config']) {
    await say(effectiveConfiguration(environment, config));
    // At the end, where it is seen: the list is longer than a terminal.
    for (const { name, meant } of mistyped)
      await say(`${name} is not a known variable; did you mean ${meant}?\n`);
    return say('the configuration is valid\n');
  }
  // Not process.stdout.isTTY: reading it makes a pipe non-blocking.
  output = isatty(1)
    ? openLogOutput(undefined, (await import('./terminalLog.js')).terminalLog())
    : openLogOutput();
  const log = createLog(config.LOG_LEVEL, output);
  for (const { name, meant } of mistyped) log.warn({ variable: name, meant }, 'unknown variable');

  const [command, direction] = positionals;
  if (command === 'migrate') {
    const ran = await migrateDatabase(config, log, direction === 'down' ? 'down' : 'up');
    return say(
      ran.length === 0
        ? 'nothing to migrate\n'
        : `${direction === 'down' ? 'rolled back' : 'migrated'}: ${ran.join(', ')}\n`,
    );
  }

  if (command === 'adopt-uploads') {
    const { adopt } = await import('./adopting.js');
    return say(`${await adopt(config, log)}\n`);
  }

  // From the very start: private servers that are starting must not be left behind.
  const startup = new AbortController();
  const asked = askedToStop(startedByNohup(environment)).then((signal) => {
    log.info({ signal }, 'stopping; a second signal exits at once');
    endBy(config.SHUTDOWN_TIMEOUT, log, 0);
    startup.abort(new Failure('stopped', `stopped by ${signal}`));
  });
  const daemon = await startDaemon(config, log, values.role as Role, startup.signal).catch((error) => {
    if (!startup.signal.aborted) throw error;
    if (error !== startup.signal.reason) log.info({ err: error }, 'startup aborted');
    return undefined;
  });
  if (daemon) {
    const word = await notifyReady(environment, { pid: process.pid, status: `listening on ${daemon.url}` });
    if (word instanceof Error) log.warn({ err: word }, 'cannot notify systemd that the daemon is ready');
  }
  const lost = await Promise.race([asked, daemon?.fatalError]);
  if (lost) {
    log.fatal({ err: lost }, 'this daemon cannot continue; stopping');
    endBy(config.SHUTDOWN_TIMEOUT, log, 1);
  }
  await daemon?.close();
  log.info('stopped');
  return lost ? 1 : 0;
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
    if (command !== undefined && command !== 'migrate' && command !== 'adopt-uploads')
      throw new Error(`unknown command: ${command}`);
    if (more.length > 0 || !['down', 'up', undefined].includes(direction))
      throw new Error('migrate takes no argument, or: down');
    if (command === 'adopt-uploads' && direction) throw new Error('adopt-uploads takes no argument');
    if (!roles.includes(read.values.role as Role))
      throw new Error(`--role must be one of ${roles.join(', ')}`);
    return read;
  } catch (error) {
    throw new Failure('usage', `${(error as Error).message}\n\n${HELP}`);
  }
}

/**
 * Resolves at the first stop signal. A second SIGINT or SIGTERM exits at once. SIGHUP, sent when the terminal
 * closes, does not count as the second: `csvjobs daemon` in that terminal also passes it on.
 */
function askedToStop(ignoreHangup: boolean): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        asked++;
        if (asked === 1) resolve(signal);
        else void leave(signal === 'SIGINT' ? 130 : 143, LOG_PATIENCE.atOnce);
      });
    }
    process.on('SIGHUP', () => {
      if (!ignoreHangup) resolve('SIGHUP');
    });
  });
}

/**
 * nohup(1) makes SIGHUP ignored, but Node resets every signal at startup (ResetSignalHandlers in node.cc)
 * without saying what it was. What remains is the shell's `_`, the program that it started; dash does not set
 * it.
 */
function startedByNohup(environment: NodeJS.ProcessEnv): boolean {
  return /(^|\/)nohup$/.test(environment._ ?? '');
}

/** Exits when the time for an orderly shutdown is over; what is committed stays, the rest is loaded again. */
function endBy(ms: number, log: Log, code: number): void {
  setTimeout(() => {
    log.warn({ ms }, 'shutdown timed out (SHUTDOWN_TIMEOUT); aborting what still runs');
    void leave(code);
  }, ms).unref();
}

async function say(text: string): Promise<number> {
  await print(text);
  return 0;
}

main().then(
  (code) => leave(code),
  (error: unknown) => leave(sayFailure(error)),
);
