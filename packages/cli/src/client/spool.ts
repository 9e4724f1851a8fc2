/** Stdin as a file, for input that has to be read more than once. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.js';
import { usageError } from '../userError.js';

/**
 * Copies stdin into a file that only this user can read; `remove` deletes it.
 * @throws UserError (exit 2) when stdin is a terminal; the abort's reason when aborted
 */
export async function spooled(
  stdin: Context['stdin'],
  signal: AbortSignal,
): Promise<{ path: string; remove(): Promise<void> }> {
  if (stdin.isTTY) throw usageError('stdin is empty', 'it is a terminal');
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'stdin');
  try {
    await pipeline(stdin, createWriteStream(path, { mode: 0o600 }), { signal });
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
