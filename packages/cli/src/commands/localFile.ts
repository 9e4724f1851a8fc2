/** A local file that is read several times: by its path, or stdin as a copy. */
import { spooled } from '../client/spool.js';
import { fileSource } from '../client/uploadBody.js';
import { isWebAddress, shownAddress } from '../client/web/webAddress.js';
import type { Context } from '../context.js';
import { usageError } from '../userError.js';
import { folderCommand } from './tableHints.js';

/**
 * Returns the path of a file (`-` is stdin); `remove` deletes the copy, if there is one.
 * @throws UserError (exit 2) when it cannot be read or is empty
 */
export async function openLocal(
  { stdin, signal, words }: Pick<Context, 'stdin' | 'signal' | 'words'>,
  file: string,
): Promise<{ path: string; remove(): Promise<void> }> {
  if (file === '-') return spooled(stdin, signal);
  assertLocal([file]);
  await fileSource(file, folderCommand(words, file));
  return { path: file, remove: async () => {} };
}

/** @throws UserError (exit 2) for an address, which only `upload` and `preview` can read; the error hides its secrets */
export function assertLocal(files: readonly string[]): void {
  const address = files.find(isWebAddress);
  if (address === undefined) return;
  throw usageError(
    `${shownAddress(address)} is not on this machine`,
    'only upload and preview read addresses; other commands read files and stdin',
    "curl --fail --silent --location '<address>' | csvjobs <command> -",
  );
}
