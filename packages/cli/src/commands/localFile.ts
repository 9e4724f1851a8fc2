/** A file that is read here, and several times: one by its path, or stdin as a copy. */
import { spooled } from '../client/spool.js';
import { fileSource } from '../client/uploadBody.js';
import type { Context } from '../context.js';

/**
 * The path of a file (`-` is stdin); `remove` takes a copy away again.
 * @throws UserError (exit 2) when it cannot be read or is empty
 */
export async function openLocal(
  { stdin, signal }: Pick<Context, 'stdin' | 'signal'>,
  file: string,
): Promise<{ path: string; remove(): Promise<void> }> {
  if (file === '-') return spooled(stdin, signal);
  await fileSource(file);
  return { path: file, remove: async () => {} };
}
