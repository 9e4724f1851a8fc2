/** Options that several commands share, and parsers for their values. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseGate } from '../outcome.js';
import { parseDuration } from '../text/text.js';
import { usageError } from '../userError.js';

export interface WaitFlags {
  maxErrors?: string;
  timeout?: string;
  annotate?: 'github' | 'none';
  junit?: string;
}

export interface ReadFlags {
  encoding?: string;
  delimiter?: string;
}

/** How to name a job, if one is required. */
export const ONE_JOB = 'job ID or unique prefix, file name, @last or @last:<status>';
/** How to name a job, if it is optional. */
export const JOB = `${ONE_JOB} (default: @last)`;
/** How to name several jobs. */
export const JOBS = 'job IDs or unique prefixes, file names, @last or @last:<status> (default: @last)';

export function maxErrors(): Option {
  return new Option(
    '--max-errors <n|n%>',
    'exit 0 if at most this many rows (or percent) are rejected, otherwise 7',
  );
}

/** For a preview, which checks the whole file only for a replacement. */
export function maxErrorsOfReplace(): Option {
  return new Option(
    '--max-errors <n|n%>',
    'with --replace: how many rows (or percent) may be rejected (default: none)',
  );
}

export function atomic(): Option {
  return new Option('--atomic', 'load all rows in one transaction: all of them appear at the end, or none');
}

export function replace(): Option {
  return new Option(
    '--replace',
    "replace the table's content with the file's, in one transaction: rows that the file lacks are removed",
  );
}

export function maxRemoved(): Option {
  return new Option(
    '--max-removed <n|n%>',
    'with --replace: change nothing (exit 7) if more rows (or percent) of the table would be removed (default: 10%)',
  );
}

export function yes(): Option {
  return new Option('-y, --yes', "with --replace: do not ask for the table's name");
}

export function dryRun(): Option {
  return new Option(
    '--dry-run',
    'run the whole load but keep no rows; csvjobs load <id> then loads the file',
  );
}

export function hold(): Option {
  return new Option(
    '--hold',
    'stop before the commit of an atomic load; csvjobs accept <id> commits, csvjobs discard <id> rolls back',
  );
}

export function encoding(): Option {
  return new Option(
    '--encoding <encoding>',
    'encoding of the file, such as windows-1252 (default: detected)',
  );
}

export function delimiter(): Option {
  return new Option(
    '--delimiter <text>',
    'field delimiter: one character or several, or a word: comma, semicolon, tab, pipe, space (default: detected)',
  );
}

export function readAs({ encoding, delimiter }: ReadFlags): ReadFlags {
  return { ...(encoding !== undefined && { encoding }), ...(delimiter !== undefined && { delimiter }) };
}

export function into(what: 'load into' | 'preview for' | 'check for' | 'map for'): Option {
  return new Option(
    '--into <table>',
    `${what} this table: sales.orders (default: what the spec or the project file says, else customers)`,
  );
}

export function tableFile(what: 'check for' | 'map for'): Option {
  return new Option(
    '--table-file <file>',
    `${what} the table in this file, without a daemon: the output of csvjobs describe <table> --json`,
  );
}

/** @throws UserError (exit 2) */
export function assertOneTable(into: string | undefined, tableFile: string | undefined): void {
  if (into === undefined || tableFile === undefined) return;
  throw usageError(
    '--into and --table-file cannot be used together',
    'the table file has the name of its table',
    'leave one out',
  );
}

export function spec(): Option {
  return new Option('--spec <file>', 'how to read values: a Data Package resource, JSON or YAML');
}

export function map(): Option {
  return each(
    '--map <column=field>',
    "the field of a column: 'company=Account Name', several joined ('name=First Name + Last Name'), the first that has a value ('phone=Phone | Mobile'), or both ('name=First Name + Last Name | Company')",
  );
}

export function like(): Option {
  return new Option(
    '--like <job>',
    'read and map the file like this job: same table, spec, encoding and delimiter',
  );
}

export function fallback(): Option {
  return each(
    '--default <column=value>',
    'value of a column if its field is empty, or in every row if the file has no such field; now: the time of the upload',
  );
}

export function constant(): Option {
  return each(
    '--constant <column=value>',
    'value of a column in every row, instead of what the file has; now: the time of the upload',
  );
}

export function strict(): Option {
  return new Option(
    '--strict',
    'refuse a file that needs any assumption (encoding, columns, …), and reject values with surrounding blanks that their type would ignore',
  );
}

/** An option that may be given several times. */
function each(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: string[] | undefined) => [
    ...(before ?? []),
    text,
  ]);
}

export function annotate(): Option {
  return new Option(
    '--annotate <kind>',
    'mark rejected rows for a CI system (default: github under GITHUB_ACTIONS)',
  ).choices(['github', 'none']);
}

export function junit(): Option {
  return new Option('--junit <file>', 'write a JUnit report: a suite for each file, a case for each reason');
}

export function timeout(): Option {
  return new Option('--timeout <time>', 'give up after this long: 90s, 10m, 2h (exit 8)').argParser(
    durationText,
  );
}

/** Adds the options of a command that waits for jobs; `waiting` reads them. */
export function addWaiting(command: Command): Command {
  return command.addOption(maxErrors()).addOption(timeout()).addOption(annotate()).addOption(junit());
}

export function waiting(options: WaitFlags) {
  return {
    gate: options.maxErrors === undefined ? undefined : parseGate(options.maxErrors),
    timeout: options.timeout === undefined ? undefined : milliseconds(options.timeout),
    ci: { annotate: options.annotate, junit: options.junit },
  };
}

export function durationText(text: string): string {
  if (parseDuration(text) === undefined)
    throw new InvalidArgumentError('it must be a number with s, m or h: 90s, 10m, 2h');
  return text;
}

export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('it must be a whole number, 1 or more');
  return Number(text);
}
