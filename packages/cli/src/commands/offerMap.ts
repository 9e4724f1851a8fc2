/** Where a file was refused for its header: the screen of `csvjobs map`, if a person at a terminal can be asked. */
import { createInterface } from 'node:readline/promises';
import { isWebAddress } from '../client/web/webAddress.js';
import type { Context } from '../context.js';
import { canDraw } from '../mapping/canDraw.js';
import type { UserError } from '../userError.js';
import type { MapOptions } from './map.js';
import { mapCommand } from './tableHints.js';

/** What is wrong where another mapping may load the file. */
const CODES = ['header_invalid', 'spec_mismatch'];

/**
 * Asks whether to map the columns now, and does so. The file is not uploaded: the screen ends with the command for it.
 * @param error what the one file of the call was refused for
 * @param table the table that it is for; undefined for customers
 */
export async function offerMap(
  context: Context,
  file: string,
  error: UserError | undefined,
  table: string | undefined,
  options: Omit<MapOptions, 'output' | 'print'>,
): Promise<void> {
  if (!error || !CODES.includes(error.code) || file === '-' || isWebAddress(file) || !canDraw(context))
    return;
  const command = mapCommand(file, table);
  if (!error.next?.includes(command)) context.err.line(`  or:   ${context.err.paint.cyan(command)}`);
  if (!(await isWanted(context))) return;
  const { map } = await import('./map.js');
  await map(context, file, { ...options, output: undefined, print: false });
}

async function isWanted({ stdin, err, signal }: Context): Promise<boolean> {
  // A live view (Ink) has left it so that nothing waits for it: the program would end before the answer.
  (stdin as NodeJS.ReadStream).ref();
  const asking = createInterface({ input: stdin, output: err.stream, terminal: false });
  // The end of stdin (Ctrl-D) is no.
  const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('n')));
  try {
    const answer = await Promise.race([asking.question('Map the columns now? [Y/n] ', { signal }), closed]);
    return /^\s*(y|yes)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    asking.close();
  }
}
