/** One call: runs the command with its streams, settings and client, and returns an exit code. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, CommanderError } from 'commander';
import type { DaemonClient } from './client/daemonClient.js';
import { type Action, isCalled } from './commandLine/action.js';
import { buildProgram, type GlobalOptions, SHORT_HELP } from './commandLine/build.js';
import { commandLineError } from './commandLine/fault.js';
import { readWords } from './commandLine/readWords.js';
import { manyColors, surroundings } from './config/environment.js';
import { loadSettings, type PROGRESS_MODES } from './config/settings.js';
import { tokenSteps } from './config/tokenSteps.js';
import type { Context, Output } from './context.js';
import { EXIT, type ExitCode } from './exitCodes.js';
import { inForeground } from './foreground.js';
import { printError } from './printError.js';
import { outputFailure, watchOutput } from './standardOutput.js';
import { asTyped, choosing } from './text/command.js';
import { foldedFor } from './text/fold.js';
import { jobFieldNamed } from './text/jobTable.js';
import { paintWith } from './text/paint.js';
import { clean, filePath, shellQuote } from './text/text.js';
import { asUserError, Interrupted, ReaderGone, type UserError, usageError } from './userError.js';
import { version } from './version.js';

/** Commands that report faulty settings and continue. */
const SHOW_FAULTS = ['doctor', 'config list'];

/** What `main` passes to the program. */
export interface Surroundings {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  cwd: string;
  signal: AbortSignal;
  abort(reason: Error): void;
  interrupt(exitCode: ExitCode): void;
  onSuspend(listener: () => void): () => void;
}

/** Runs one call and returns the exit code. Never throws. Incomplete output is not a success: exit 1. */
export async function run(argv: readonly string[], given: Surroundings): Promise<number> {
  watchOutput(given);
  const code = await perform(argv, given);
  const failure = await outputFailure(given.stdout);
  if (!failure || given.signal.reason instanceof Interrupted) return code;
  printError({ err: output(given.stderr, argv), json: argv.includes('--json') }, failure);
  return failure.exitCode;
}

async function perform(argv: readonly string[], given: Surroundings): Promise<number> {
  let chosen: { action: Action; options: GlobalOptions } | undefined;
  const program = buildProgram(given, (command, action) => {
    chosen = { action, options: command.optsWithGlobals<GlobalOptions>() };
  });
  const out = output(given.stdout, argv, false);
  const err = output(given.stderr, argv);
  const json = argv.includes('--json');
  const clients: DaemonClient[] = [];
  let watching = false;
  if (argv.length === 0) {
    given.stdout.write(foldedFor(given.stdout, out.typed(SHORT_HELP)));
    return EXIT.done;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    if (!chosen) return EXIT.done;
    const { action, options } = chosen;
    const typed = readWords(program, argv);
    const { command } = typed;
    const called = `${command.parent?.parent ? `${command.parent.name()} ` : ''}${command.name()}`;
    const showsFaults = SHOW_FAULTS.includes(called);
    const settingsNow = () => loadSettings({ ...options, showsFaults }, given.cwd);
    const settings = settingsNow();
    if (!options.quiet && !options.json)
      for (const warning of settings.warnings) err.line(err.paint.yellow(`! ${clean(warning)}`));
    const trace = options.verbose ? (line: string) => err.line(err.paint.dim(line)) : undefined;
    const contextOf = (settings: Context['settings']): Context => {
      let client: DaemonClient | undefined;
      const context: Context = {
        settings,
        words: [...typed.path, ...typed.options],
        json: options.json ?? false,
        quiet: options.quiet ?? false,
        progress: progressMode(settings.progress.value, options, given),
        get stdin() {
          return given.stdin;
        },
        out,
        err,
        signal: given.signal,
        interrupt: given.interrupt,
        onSuspend: given.onSuspend,
        watching: () => {
          watching = true;
        },
        client: async () => {
          if (client) return client;
          client = await context.clientFor(settings);
          return client;
        },
        clientFor: async (from) => {
          const { DaemonClient } = await import('./client/daemonClient.js');
          const userAgent = `csvjobs/${version()} node/${process.versions.node}`;
          const made = new DaemonClient({
            url: from.url.value,
            token: from.token.value,
            tokenSteps: tokenSteps(from),
            signal: given.signal,
            userAgent,
            patience: settings.reconnect.value,
            version: version(),
            warn:
              options.quiet || options.json ? undefined : (line) => err.line(err.paint.yellow(`! ${line}`)),
            trace,
          });
          clients.push(made);
          return made;
        },
      };
      return context;
    };
    const context = contextOf(settings);
    try {
      return await action(context);
    } catch (error) {
      const { offerDaemon, withInstallStep } = await import('./offerDaemon.js');
      if (given.signal.aborted || !(await offerDaemon(context, asUserError(error))))
        throw withInstallStep(error);
      // The first start of a daemon has made the token that it asks for.
      return await action(contextOf(settingsNow()));
    }
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { reason } = given.signal as { reason?: unknown };
    if (reason instanceof ReaderGone) return watching ? EXIT.unfinished : EXIT.done;
    if (reason instanceof Interrupted) return reason.exitCode;
    // The action stopped because of a fault of stdout, which `run` reports.
    if (given.stdout.errored) return EXIT.unexpected;
    const userError =
      error instanceof CommanderError
        ? (fileLikeOption(error, argv, given.cwd) ??
          fieldsAfterJson(program, argv) ??
          commandLineError(error, readWords(program, argv)))
        : asUserError(error);
    printError({ err, json }, userError);
    if (argv.includes('--verbose') && userError.cause instanceof Error) err.line(userError.cause.stack ?? '');
    return userError.exitCode;
  } finally {
    for (const each of clients) await each.close();
  }
}

/**
 * `auto`: a live view if stderr is a terminal that can draw one; otherwise lines: in CI, on a terminal without a size,
 * and in the background, where even an explicit view (`--progress tty`) would be stopped.
 */
function progressMode(
  mode: (typeof PROGRESS_MODES)[number],
  { json, quiet }: GlobalOptions,
  { stderr }: Surroundings,
): Context['progress'] {
  if (quiet) return 'none';
  if (mode !== 'auto') return mode === 'tty' && !inForeground() ? 'plain' : mode;
  const { ci, dumb } = surroundings();
  if (json) return 'none';
  return stderr.isTTY && hasRoom(stderr) && !ci && !dumb && inForeground() ? 'tty' : 'plain';
}

/** Whether a view fits: at least a name, its numbers and the keys. A pseudo-terminal without a size reports 0. */
function hasRoom({ columns, rows }: NodeJS.WriteStream): boolean {
  return columns >= 40 && rows >= 4;
}

/** @param prose whether the stream is for people: data is never folded */
function output(stream: NodeJS.WriteStream, argv: readonly string[], prose = true): Output {
  const tty = stream.isTTY === true;
  const { color } = surroundings();
  const colorless = argv.includes('--no-color');
  const chosen = choosing(argv);
  const typed = (text: string) => asTyped(text, chosen);
  const exact = (text: string) => void stream.write(`${text}\n`);
  const line = (text: string) => exact(prose ? foldedFor(stream, text) : text);
  return {
    stream,
    tty,
    columns: tty ? stream.columns || 80 : undefined,
    paint: paintWith(!colorless && (color ?? tty), manyColors()),
    line,
    hint: (text) => line(typed(text)),
    exact,
    typed,
  };
}

/** An unknown option that is the name of a file: says how to write it. */
function fileLikeOption(error: CommanderError, argv: readonly string[], cwd: string): UserError | undefined {
  if (error.code !== 'commander.unknownOption') return undefined;
  const file = argv.find((word) => /^-./.test(word) && existsSync(resolve(cwd, word)));
  if (file === undefined) return undefined;
  const words = argv.map((word) => shellQuote(word === file ? filePath(word) : word));
  return usageError(
    `${clean(file)} is read as an option`,
    'it begins with a hyphen, as options do; there is a file of this name',
    ['csvjobs', ...words].join(' '),
  );
}

/** Fields behind --json, where other programs take them: says how to write it. */
function fieldsAfterJson(program: Command, argv: readonly string[]): UserError | undefined {
  const at = argv.indexOf('--json') + 1;
  const fields = argv[at];
  const { command } = readWords(program, argv);
  if (at === 0 || fields === undefined || command.parent !== program || !isCalled(command, 'list'))
    return undefined;
  if (!fields.split(',').every((name) => jobFieldNamed(name) !== undefined)) return undefined;
  const words = [...argv.slice(0, at), '--columns', ...argv.slice(at)].map(shellQuote);
  return usageError('--json takes no fields', 'it has all of them', ['csvjobs', ...words].join(' '));
}
