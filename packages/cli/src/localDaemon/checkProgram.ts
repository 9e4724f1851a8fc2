/** Runs `csvjobsd check`: the rules are the daemon's own, which the CLI never imports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CheckEvent } from '@csvjobs/shared';
import type { ReadAs } from '../client/daemonClient.js';
import { jsonLines } from '../client/jsonLines.js';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';
import { findDaemonProgram } from './daemonProgram.js';

/** How much of what the program says on stderr is kept for an error, characters. */
const SAID_KEPT = 4_000;

/**
 * What the daemon's program tells of a file, in its order; no faster than it is taken.
 * @throws UserError: there is no such program (2), or it failed; the abort's reason when aborted
 */
export async function* checkEvents(
  path: string,
  { encoding, delimiter }: ReadAs,
  signal: AbortSignal,
): AsyncGenerator<CheckEvent> {
  const { command, args } = findDaemonProgram();
  const options = [
    ...(encoding === undefined ? [] : [`--encoding=${encoding}`]),
    ...(delimiter === undefined ? [] : [`--delimiter=${delimiter}`]),
  ];
  const child = spawn(command, [...args, 'check', ...options, '--', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'close') as Promise<[number | null]>;
  exited.catch(() => {});
  const kill = () => child.kill();
  signal.addEventListener('abort', kill);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID_KEPT);
  });
  try {
    yield* jsonLines<CheckEvent>(child.stdout);
    const [code] = await exited;
    signal.throwIfAborted();
    if (code !== 0) throw programFailed(code, said);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function programFailed(code: number | null, said: string): UserError {
  const why = clean(
    said
      .trim()
      .replace(/^csvjobsd: /, '')
      .split('\n')[0] ?? '',
  );
  return new UserError({
    code: code === 2 ? 'usage' : 'unexpected',
    exitCode: code === 2 ? EXIT.usage : EXIT.unexpected,
    what: 'The file could not be checked',
    why: why === '' ? `the daemon's program ended with ${code ?? 'a signal'}` : why,
  });
}
