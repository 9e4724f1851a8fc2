/** The command line: commands, options, help. Each command's code is loaded when it runs. */
import type { ReportFormat } from '@csvjobs/shared';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { loadSettings, PROGRESS_MODES, surroundings } from './config.js';
import type { Context, Output } from './context.js';
import type { DaemonClient } from './daemonClient.js';
import { EXIT, EXIT_MEANINGS, type ExitCode } from './exitCodes.js';
import { parseGate } from './outcome.js';
import { paintWith } from './paint.js';
import { printError } from './printError.js';
import { parseDuration } from './text.js';
import { asUserError, Interrupted, ReaderGone, type UserError, usageError } from './userError.js';
import { version } from './version.js';

/** What the program is given by `main`. */
export interface Surroundings {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  cwd: string;
  signal: AbortSignal;
  abort(reason: Error): void;
  interrupt(exitCode: ExitCode): void;
}

interface GlobalOptions {
  url?: string;
  json?: boolean;
  quiet?: boolean;
  progress?: string;
  verbose?: boolean;
}

interface WaitFlags {
  maxErrors?: string;
  timeout?: string;
  annotate?: 'github' | 'none';
  junit?: string;
}

interface ReadFlags {
  encoding?: string;
  delimiter?: string;
}

interface CheckFlags extends Omit<WaitFlags, 'timeout'>, ReadFlags {
  summary?: boolean;
}

interface ErrorsFlags {
  output?: string;
  summary?: boolean;
  format?: ReportFormat;
  excel?: boolean;
}

interface UploadFlags extends WaitFlags, ReadFlags {
  watch: boolean;
  name?: string;
}

type Action = (context: Context) => Promise<number>;

/** Runs one call to its end; returns the exit code. Never throws. */
export async function run(argv: readonly string[], given: Surroundings): Promise<number> {
  let chosen: { action: Action; options: GlobalOptions } | undefined;
  const program = buildProgram(given, (command, action) => {
    chosen = { action, options: command.optsWithGlobals<GlobalOptions>() };
  });
  const out = output(given.stdout);
  const err = output(given.stderr);
  silencePipes(given);
  const json = argv.includes('--json');
  let client: DaemonClient | undefined;
  let watching = false;
  try {
    await program.parseAsync([...argv], { from: 'user' });
    if (!chosen) return EXIT.done;
    const { action, options } = chosen;
    const settings = loadSettings(options, given.cwd);
    const trace = options.verbose ? (line: string) => err.line(err.paint.dim(line)) : undefined;
    const context: Context = {
      settings,
      json: options.json ?? false,
      quiet: options.quiet ?? false,
      progress: progressMode(settings.progress.value, options, given),
      stdin: given.stdin,
      out,
      err,
      signal: given.signal,
      interrupt: given.interrupt,
      watching: () => {
        watching = true;
      },
      client: async () => {
        if (client) return client;
        const { DaemonClient } = await import('./daemonClient.js');
        const { url, token } = settings;
        const userAgent = `csvjobs/${version()} node/${process.versions.node}`;
        client = new DaemonClient({
          url: url.value,
          token: token.value,
          signal: given.signal,
          userAgent,
          version: version(),
          warn: options.quiet || options.json ? undefined : (line) => err.line(err.paint.yellow(`! ${line}`)),
          trace,
        });
        return client;
      },
    };
    return await action(context);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { reason } = given.signal as { reason?: unknown };
    if (reason instanceof ReaderGone) return watching ? EXIT.unfinished : EXIT.done;
    if (reason instanceof Interrupted) return reason.exitCode;
    const told = error instanceof CommanderError ? commandLineError(error) : asUserError(error);
    printError({ err, json }, told);
    if (argv.includes('--verbose') && told.cause instanceof Error) err.line(told.cause.stack ?? '');
    return told.exitCode;
  } finally {
    await client?.close();
  }
}

function buildProgram(given: Surroundings, choose: (command: Command, action: Action) => void): Command {
  const program = new Command('csvjobs')
    .description('Uploads CSV files to a csvjobs daemon, watches them load, fetches what was rejected.')
    .version(version(), '-V, --version', 'print the version')
    .option('--url <address>', "the daemon's address (CSVJOBS_URL; default http://127.0.0.1:4000)")
    .option('--json', 'JSON on stdout (NDJSON where something is watched), errors as JSON on stderr')
    .option('-q, --quiet', 'print ids only, no progress')
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on stderr (CSVJOBS_PROGRESS)').choices(
        PROGRESS_MODES,
      ),
    )
    .option('--verbose', 'show the requests on stderr; tokens are left out')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => given.stdout.write(text),
      writeErr: (text) => given.stderr.write(text),
      // Told by printError, in the form of every other error.
      outputError: () => {},
    })
    .exitOverride()
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'csvjobs upload customers.csv --watch    load a file and watch it',
        'csvjobs list                            what the daemon has done and does',
        'csvjobs errors 3f2a9c1e > errors.csv    the rows that were rejected',
        'csvjobs daemon start                    a daemon on this machine',
        'csvjobs help exit-codes                 what the exit codes mean',
      ),
    );

  program
    .command('upload')
    .description('upload CSV files; each becomes a job, whose id is printed')
    .argument('<file...>', 'CSV files; - is stdin')
    .option('-w, --watch', 'stay until the jobs are done; the exit code says how they ended', false)
    .option('--name <name>', 'the name of what comes from stdin')
    .addOption(encoding())
    .addOption(delimiter())
    .addOption(maxErrors())
    .addOption(timeout())
    .addOption(annotate())
    .option('--junit <file>', 'write a JUnit report: a suite for each file, a case for each reason')
    .addHelpText(
      'before',
      examples(
        'csvjobs upload customers.csv --watch',
        'csvjobs upload exports/*.csv --watch --max-errors 1%',
        'id=$(csvjobs upload customers.csv)',
        'zcat customers.csv.gz | csvjobs upload - --name customers.csv',
      ),
    )
    .action((files: string[], options: UploadFlags, command) =>
      choose(command, async (context) => {
        const { upload } = await import('./commands/upload.js');
        const { watch, name } = options;
        if (
          !watch &&
          (options.maxErrors ?? options.timeout ?? options.annotate ?? options.junit) !== undefined
        )
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it nothing is waited for',
          );
        return upload(context, files, { watch, name, readAs: readAs(options), ...waiting(options) });
      }),
    );

  program
    .command('check')
    .description("what an upload would reject, by the daemon's own rules; no daemon has to run")
    .argument('<file...>', 'CSV files; - is stdin')
    .option('--summary', 'how many rows for each reason instead of the rows')
    .addOption(encoding())
    .addOption(delimiter())
    .addOption(maxErrors())
    .addOption(annotate())
    .option('--junit <file>', 'write a JUnit report: a suite for each file, a case for each reason')
    .addHelpText(
      'before',
      examples(
        'csvjobs check customers.csv',
        'csvjobs check customers.csv --summary',
        'csvjobs check exports/*.csv --max-errors 1% --quiet && csvjobs upload exports/*.csv',
      ),
    )
    .action((files: string[], options: CheckFlags, command) =>
      choose(command, async (context) => {
        const { check } = await import('./commands/check.js');
        const { gate, ci } = waiting(options);
        const { summary = false } = options;
        if (summary && context.json)
          throw usageError('--summary and --json are given both', '--json has every row', 'leave one out');
        return check(context, files, { summary, ...readAs(options), gate, ci });
      }),
    );

  program
    .command('list')
    .description('list jobs, newest first')
    .option(
      '-s, --status <status>',
      'only these, separated by commas: pending, processing, completed, failed, cancelled',
    )
    .option('-n, --limit <n>', 'at most so many', wholeNumber)
    .option('-w, --watch', 'stay, and show the jobs as they change', false)
    .addHelpText(
      'before',
      examples(
        'csvjobs list',
        'csvjobs list --watch',
        'csvjobs list --status failed,cancelled',
        'csvjobs list --limit 1 --quiet',
      ),
    )
    .action((options: { status?: string; limit?: number; watch: boolean }, command) =>
      choose(command, async (context) => {
        const which = { status: await statuses(options.status), limit: options.limit };
        if (options.watch) return (await import('./commands/listWatch.js')).listWatch(context, which);
        // What the request needs and what draws its answer are loaded side by side.
        const [{ list }] = await Promise.all([import('./commands/list.js'), context.client()]);
        return list(context, which);
      }),
    );

  program
    .command('show')
    .description('show all that is known of a job, and its first rejected rows')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs show 3f2a9c1e', 'csvjobs show 3f2a9c1e --json'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('./commands/show.js')).show(context, id)),
    );

  program
    .command('watch')
    .description('watch jobs to their end; the exit code says how they ended')
    .argument('<id...>', 'ids, or beginnings that no other has')
    .addOption(maxErrors())
    .addOption(timeout())
    .addOption(annotate())
    .option('--junit <file>', 'write a JUnit report: a suite for each file, a case for each reason')
    .addHelpText(
      'before',
      examples('csvjobs watch 3f2a9c1e', 'csvjobs watch 3f2a9c1e --timeout 10m --max-errors 0'),
    )
    .action((ids: string[], options: WaitFlags, command) =>
      choose(command, async (context) =>
        (await import('./commands/watch.js')).watch(context, ids, waiting(options)),
      ),
    );

  program
    .command('errors')
    .description('print the report of rejected rows of a job')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-o, --output <file>', 'save it; the file is replaced when the report is complete (- is stdout)')
    .option('--summary', 'how many rows for each reason instead of the rows')
    .addOption(
      new Option(
        '--format <format>',
        'csv (default), or json or ndjson, which also have line, column and code',
      ).choices(['csv', 'json', 'ndjson']),
    )
    .option(
      '--excel',
      'CSV whose cells no spreadsheet takes for formulas; without it values are as they were',
    )
    .addHelpText(
      'before',
      examples(
        'csvjobs errors 3f2a9c1e > errors.csv',
        'csvjobs errors 3f2a9c1e -o errors.csv --excel',
        'csvjobs errors 3f2a9c1e --summary',
        'csvjobs errors 3f2a9c1e --format ndjson | jq .line',
      ),
    )
    .action((id: string, options: ErrorsFlags, command) =>
      choose(command, async (context) => {
        const { output = '-', summary = false, excel = false } = options;
        const format = options.format ?? (context.json ? 'json' : 'csv');
        if (summary && (options.output ?? options.format ?? options.excel) !== undefined)
          throw usageError(
            '--summary goes without --output, --format and --excel',
            'the summary is not a report',
            'leave one out',
          );
        if (excel && format !== 'csv')
          throw usageError(
            `--excel is given with ${format}`,
            'it makes CSV safe for spreadsheets',
            'leave one out',
          );
        if (summary) return (await import('./commands/errorSummary.js')).errorSummary(context, id);
        return (await import('./commands/errors.js')).errors(context, id, { output, format, excel });
      }),
    );

  program
    .command('cancel')
    .description('cancel a job; the rows that are loaded stay')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs cancel 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('./commands/cancel.js')).cancel(context, id)),
    );

  program
    .command('retry')
    .description('put a failed or cancelled job back into the queue; it goes on where it ended')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs retry 3f2a9c1e && csvjobs watch 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('./commands/retry.js')).retry(context, id)),
    );

  program
    .command('delete')
    .description('delete a job that has ended, with its report and file; the rows that are loaded stay')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-y, --yes', 'do not ask', false)
    .addHelpText('before', examples('csvjobs delete 3f2a9c1e', 'csvjobs delete 3f2a9c1e --yes'))
    .action((id: string, { yes }: { yes: boolean }, command) =>
      choose(command, async (context) =>
        (await import('./commands/delete.js')).deleteJob(context, id, { yes }),
      ),
    );

  addTokens(program, choose);
  program
    .command('config')
    .description('the settings of csvjobs')
    .command('list')
    .description('show each setting, its value and where it is from')
    .addHelpText(
      'before',
      examples('csvjobs config list', 'CSVJOBS_URL=http://ci-db:4000 csvjobs config list --json'),
    )
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('./commands/config.js')).configList(context)),
    );

  program
    .command('schema')
    .description('JSON Schema of what a command prints with --json')
    .argument('[name]', 'the name of an output; without it, what there is')
    .addHelpText('before', examples('csvjobs schema', 'csvjobs schema watch', 'csvjobs schema --json'))
    .action((name: string | undefined, _options: object, command) =>
      choose(command, async (context) => (await import('./commands/schema.js')).schema(context, name)),
    );

  program
    .command('doctor')
    .description('check that all csvjobs needs is well, and say what to do where it is not')
    .addHelpText('before', examples('csvjobs doctor', 'csvjobs doctor --json'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('./commands/doctor.js')).doctor(context)),
    );

  addDaemon(program, choose);
  addHelp(program, given);
  return program;
}

function addTokens(program: Command, choose: (command: Command, action: Action) => void): void {
  const token = program
    .command('token')
    .description("make, list and revoke the daemon's tokens")
    .addHelpText(
      'before',
      examples(
        'csvjobs token create --name ci',
        'csvjobs token create --name dashboard --scope read',
        'csvjobs token list',
        'csvjobs token revoke ci',
      ),
    );
  token
    .command('create')
    .description('make a token and print it; it is not shown again')
    .requiredOption('--name <name>', 'what it is for: letters, digits and . _ -')
    .addOption(
      new Option(
        '--scope <scope>',
        'read: look; write: upload, cancel, retry too; admin: delete and tokens too',
      )
        .choices(['read', 'write', 'admin'])
        .default('write'),
    )
    .action((options: { name: string; scope: 'read' | 'write' | 'admin' }, command) =>
      choose(command, async (context) => (await import('./commands/token.js')).createToken(context, options)),
    );
  token
    .command('list')
    .description('list the tokens; the tokens themselves are not kept')
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('./commands/token.js')).listTokens(context)),
    );
  token
    .command('revoke')
    .description('take a token out of use, at once')
    .argument('<name>', 'its name, or its id')
    .action((name: string, _options: object, command) =>
      choose(command, async (context) => (await import('./commands/token.js')).revokeToken(context, name)),
    );
}

function addDaemon(program: Command, choose: (command: Command, action: Action) => void): void {
  const daemon = program
    .command('daemon')
    .description('run the daemon: in the foreground, or start, stop and look at it in the background')
    .addHelpText(
      'before',
      examples(
        'csvjobs daemon start',
        'csvjobs daemon status',
        'csvjobs daemon logs -f',
        'csvjobs daemon stop',
      ),
    )
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('./commands/daemon/run.js')).runDaemon(context)),
    );
  const wait = (seconds: string) =>
    new Option('--timeout <time>', 'how long to wait').default(seconds).argParser(durationText);
  daemon
    .command('start')
    .description('start the daemon in the background; returns when it takes work')
    .addOption(wait('2m'))
    .action(({ timeout: time }: { timeout: string }, command) =>
      choose(command, async (context) =>
        (await import('./commands/daemon/start.js')).startDaemon(context, { timeout: milliseconds(time) }),
      ),
    );
  daemon
    .command('stop')
    .description('end the background daemon in order, and wait until it is gone')
    .addOption(wait('60s'))
    .action(({ timeout: time }: { timeout: string }, command) =>
      choose(command, async (context) =>
        (await import('./commands/daemon/stop.js')).stopDaemon(context, { timeout: milliseconds(time) }),
      ),
    );
  daemon
    .command('status')
    .description('say whether a daemon answers and takes work; exit code 6 when not')
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('./commands/daemon/status.js')).daemonStatus(context)),
    );
  daemon
    .command('logs')
    .description("print the background daemon's log")
    .option('-f, --follow', 'go on as it grows', false)
    .option('-n, --lines <n>', 'the last so many lines', wholeNumber, 200)
    .action((options: { follow: boolean; lines: number }, command) =>
      choose(command, async (context) =>
        (await import('./commands/daemon/logs.js')).daemonLogs(context, options),
      ),
    );
}

function addHelp(program: Command, { stdout }: Surroundings): void {
  program
    .command('help')
    .description('help on a command, or on exit-codes')
    .argument('[topic...]')
    .action((topics: string[]) => {
      if (topics[0] === 'exit-codes') {
        for (const [code, meaning] of EXIT_MEANINGS)
          stdout.write(`${String(code).padStart(3)}  ${meaning}\n`);
        stdout.write('\nOf several files the worst counts: what needs a person soonest.\n');
        return;
      }
      let about = program;
      for (const topic of topics) {
        const found = about.commands.find((command) => command.name() === topic);
        if (!found) throw usageError(`There is no help on "${topic}"`, undefined, 'csvjobs --help');
        about = found;
      }
      about.outputHelp();
    });
}

function examples(...lines: string[]): string {
  return `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}

function maxErrors(): Option {
  return new Option('--max-errors <n|n%>', 'so many rejected rows are still a success (0); above it 7');
}

function encoding(): Option {
  return new Option('--encoding <name>', 'the encoding, where it is not to be found out (windows-1252, say)');
}

function delimiter(): Option {
  return new Option(
    '--delimiter <character>',
    'what is between two fields, where it is not to be found out: , ; | or tab',
  ).choices([',', ';', '|', 'tab']);
}

function readAs({ encoding, delimiter }: ReadFlags): ReadFlags {
  return { ...(encoding !== undefined && { encoding }), ...(delimiter !== undefined && { delimiter }) };
}

function annotate(): Option {
  return new Option(
    '--annotate <kind>',
    'mark rejected rows for a CI system; by itself under GITHUB_ACTIONS',
  ).choices(['github', 'none']);
}

function timeout(): Option {
  return new Option('--timeout <time>', 'wait at most so long (90s, 10m, 2h); then 8').argParser(
    durationText,
  );
}

function waiting(options: WaitFlags) {
  return {
    gate: options.maxErrors === undefined ? undefined : parseGate(options.maxErrors),
    timeout: options.timeout === undefined ? undefined : milliseconds(options.timeout),
    ci: { annotate: options.annotate, junit: options.junit },
  };
}

function durationText(text: string): string {
  if (parseDuration(text) === undefined)
    throw new InvalidArgumentError('It is a number with s, m or h: 90s, 10m, 2h.');
  return text;
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.');
  return Number(text);
}

async function statuses(text: string | undefined) {
  if (text === undefined) return undefined;
  const { JOB_STATUSES } = await import('@csvjobs/shared');
  return text.split(',').map((part) => {
    const status = JOB_STATUSES.find((known) => known === part.trim());
    if (!status) throw usageError(`"${part}" is not a status`, `known are ${JOB_STATUSES.join(', ')}`);
    return status;
  });
}

/** `auto`: a live view where stderr is a terminal that can draw one, lines elsewhere. */
function progressMode(
  mode: (typeof PROGRESS_MODES)[number],
  { json, quiet }: GlobalOptions,
  { stderr }: Surroundings,
): Context['progress'] {
  if (quiet) return 'none';
  if (mode !== 'auto') return mode;
  const { ci, dumb } = surroundings();
  if (json) return 'none';
  return stderr.isTTY && !ci && !dumb ? 'tty' : 'plain';
}

function output(stream: NodeJS.WriteStream): Output {
  const tty = stream.isTTY === true;
  const { color } = surroundings();
  return {
    stream,
    tty,
    columns: tty ? stream.columns || 80 : undefined,
    paint: paintWith(color ?? tty),
    line: (text) => stream.write(`${text}\n`),
  };
}

/** EPIPE ends silently: who reads stdout has had enough; without stderr the work goes on unseen. */
function silencePipes({ stdout, stderr, abort, signal }: Surroundings): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!signal.aborted) abort(error.code === 'EPIPE' ? new ReaderGone() : error);
  });
  stderr.on('error', () => {});
}

function commandLineError(error: CommanderError): UserError {
  // commander's `csvjobs` alone and `csvjobs daemon nonsense` show help; the rest is "error: …" with a suggestion.
  const text = error.message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.*)\?\)$/, '; did you mean "$1"?');
  if (error.code === 'commander.help') return usageError('No command is given', undefined, 'csvjobs --help');
  return usageError(text.charAt(0).toUpperCase() + text.slice(1), undefined, 'csvjobs --help');
}
