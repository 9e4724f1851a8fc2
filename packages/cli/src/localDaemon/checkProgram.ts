/**
 * Runs `csvjobsd check`, `sniff`, `map` and `propose-table`: the rules are the daemon's own, which the CLI never
 * imports.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CheckEvent, MappingAnswer, ProposalAnswer, SniffAnswer } from '@csvjobs/shared';
import type { ReadAs } from '../client/daemonClient.js';
import { jsonLines } from '../client/jsonLines.js';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';
import { findFileProgram } from './daemonProgram.js';

/** Number of characters of the program's stderr kept for an error. */
const SAID_KEPT = 4_000;

export interface CheckProgramOptions extends ReadAs {
  /** The table as a JSON document; without one the file is for customers. */
  table?: string | undefined;
  /** A spec, as JSON or YAML. */
  spec?: Uint8Array | undefined;
  /** Number of records to read; all by default. */
  first?: number | undefined;
}

/**
 * Yields what the daemon's program reports about a file, in order, with backpressure.
 * @throws UserError: there is no such program (2), or it failed; the abort's reason when aborted
 */
export function checkEvents(
  path: string,
  { first, ...options }: CheckProgramOptions,
  signal: AbortSignal,
): AsyncGenerator<CheckEvent> {
  const words = [
    'check',
    ...(first === undefined ? [] : [`--first=${first}`]),
    ...fileOptions(options),
    '--',
    path,
  ];
  return linesOf<CheckEvent>(words, signal, 'The file could not be checked', documents(options));
}

/**
 * Returns which field of a file fills which column of its table.
 * @throws like checkEvents
 */
export async function mappingAnswer(
  path: string,
  options: Omit<CheckProgramOptions, 'first'>,
  signal: AbortSignal,
): Promise<MappingAnswer> {
  const words = ['map', ...fileOptions(options), '--', path];
  const failed = 'The columns could not be mapped';
  for await (const answer of linesOf<MappingAnswer>(words, signal, failed, documents(options))) return answer;
  throw new Error('the mapping ended without a result');
}

/** A file's table, its spec and how it is read, for the program. */
function fileOptions({ table, spec, ...readAs }: Omit<CheckProgramOptions, 'first'>): string[] {
  return [
    ...(table === undefined ? [] : ['--table=-']),
    ...(spec === undefined ? [] : ['--spec=-']),
    ...readOptions(readAs),
  ];
}

/** The program's stdin: the table, as one line of JSON if the spec follows it. */
function documents({ table, spec }: Pick<CheckProgramOptions, 'table' | 'spec'>): Uint8Array {
  const parts = [table === undefined ? undefined : Buffer.from(table), spec].filter(
    (part) => part !== undefined,
  );
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from('\n'), part])));
}

export interface ProposalOptions extends ReadAs {
  into: string;
  key: string | undefined;
  exactNames: boolean;
  /** A spec that says how the file is read. */
  spec?: Uint8Array | undefined;
}

/**
 * Proposes a table for a file.
 * @throws like checkEvents
 */
export async function tableProposal(
  path: string,
  { into, key, exactNames, spec, ...readAs }: ProposalOptions,
  signal: AbortSignal,
): Promise<ProposalAnswer> {
  const options = [
    `--into=${into}`,
    ...(key === undefined ? [] : [`--key=${key}`]),
    ...(exactNames ? ['--exact-names'] : []),
    ...(spec === undefined ? [] : ['--spec=-']),
    ...readOptions(readAs),
  ];
  const lines = linesOf<ProposalAnswer>(
    ['propose-table', ...options, '--', path],
    signal,
    'No table could be proposed',
    spec,
  );
  for await (const answer of lines) return answer;
  throw new Error('the proposal of a table ended without a result');
}

/**
 * Detects a file's format.
 * @throws like checkEvents
 */
export async function sniffed(
  path: string,
  options: Pick<CheckProgramOptions, 'spec' | 'encoding' | 'delimiter'>,
  signal: AbortSignal,
): Promise<SniffAnswer> {
  const words = ['sniff', ...fileOptions(options), '--', path];
  const failed = 'The file could not be read';
  for await (const answer of linesOf<SniffAnswer>(words, signal, failed, documents(options))) return answer;
  throw new Error('the check of the file ended without a result');
}

function readOptions({ encoding, delimiter }: ReadAs): string[] {
  return [
    ...(encoding === undefined ? [] : [`--encoding=${encoding}`]),
    ...(delimiter === undefined ? [] : [`--delimiter=${delimiter}`]),
  ];
}

/** Runs the daemon's program. `failed` says what happened if it fails; `input` is its stdin. */
async function* linesOf<Line>(
  words: string[],
  signal: AbortSignal,
  failed: string,
  input: Uint8Array = new Uint8Array(),
): AsyncGenerator<Line> {
  const { command, args } = findFileProgram();
  const child = spawn(command, [...args, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that exits before reading its input prints the reason on stderr.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exited = once(child, 'close') as Promise<[number | null]>;
  exited.catch(() => {});
  const kill = () => child.kill();
  signal.addEventListener('abort', kill);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID_KEPT);
  });
  try {
    yield* jsonLines<Line>(child.stdout);
    const [code] = await exited;
    signal.throwIfAborted();
    if (code !== 0) throw programFailed(code, said, failed);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function programFailed(code: number | null, said: string, what: string): UserError {
  const why = clean(
    said
      .trim()
      .replace(/^csvjobsd: /, '')
      .split('\n')[0] ?? '',
  );
  return new UserError({
    code: code === 2 ? 'usage' : 'unexpected',
    exitCode: code === 2 ? EXIT.usage : EXIT.unexpected,
    what,
    why: why === '' ? `the daemon's program exited with ${code ?? 'a signal'}` : why,
  });
}
