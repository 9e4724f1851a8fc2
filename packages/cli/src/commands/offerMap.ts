/**
 * Offers the screen of `csvjobs map` after a file was refused for its header, if a person at a terminal can be asked.
 */
import { answered } from '../ask.js';
import { isWebAddress } from '../client/web/webAddress.js';
import type { Context } from '../context.js';
import { canDraw } from '../mapping/canDraw.js';
import type { UserError } from '../userError.js';
import { fitsAnother } from './defaultTable.js';
import type { MapOptions } from './map.js';
import { mapCommand } from './tableHints.js';

/** Error codes for which another mapping may load the file. */
const CODES = ['header_invalid', 'spec_mismatch'];

/**
 * Asks whether to map the columns now, and does so. It does not upload the file: the screen ends with the command for
 * that.
 * @param error why the only file of the call was refused
 * @param table the target table; undefined for customers
 */
export async function offerMap(
  context: Context,
  file: string,
  error: UserError | undefined,
  table: string | undefined,
  options: Omit<MapOptions, 'output' | 'print'>,
): Promise<void> {
  if (!error || !CODES.includes(error.code) || fitsAnother(error)) return;
  if (file === '-' || isWebAddress(file) || !canDraw(context)) return;
  const command = mapCommand(file, table);
  if (!error.next?.includes(command)) context.err.hint(`  or:   ${context.err.paint.cyan(command)}`);
  if (!(await isWanted(context))) return;
  const { map } = await import('./map.js');
  await map(context, file, { ...options, output: undefined, print: false });
}

async function isWanted(context: Context): Promise<boolean> {
  try {
    // Ctrl-D means no.
    return /^(y|yes)?$/i.test(await answered(context, 'Map the columns now? [Y/n] ', 'n'));
  } catch (error) {
    if (context.signal.aborted) return false;
    throw error;
  }
}
