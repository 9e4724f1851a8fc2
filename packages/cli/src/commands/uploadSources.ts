/** Checks all files of an upload before sending the first: a typo must not leave the work half done. */
import { fileSource, inPlace, stdinSource, type UploadSource } from '../client/uploadBody.js';
import { isBucketAddress, isWebAddress, shownAddress } from '../client/web/webAddress.js';
import type { Context } from '../context.js';
import { clean, plural, STDIN_NAME } from '../text/text.js';
import { asUserError, UserError, usageError } from '../userError.js';
import { folderCommand } from './tableHints.js';

/** A file that can be sent, or why it cannot. */
export type Opened = UploadSource | { file: string; error: UserError };

/**
 * Returns all files; with `keepGoing`, also those that cannot be sent, each with its error.
 * @throws UserError (exit 2) that names every file that cannot be sent, unless `keepGoing` is set
 */
export async function openSources(
  context: Context,
  files: readonly string[],
  { name, keepGoing }: { name: string | undefined; keepGoing: boolean },
): Promise<Opened[]> {
  const stdins = files.filter((file) => file === '-').length;
  if (stdins > 1) throw usageError('"-" (stdin) is used more than once', 'stdin can be read only once');
  if (name !== undefined && stdins === 0)
    throw usageError('--name is used without "-"', 'it is the file name for stdin');
  if (stdins === 1 && context.stdin.isTTY)
    throw usageError('stdin is empty', 'it is a terminal', 'csvjobs upload - < file.csv');
  const opened = await Promise.all(
    files.map((file) =>
      file === '-'
        ? stdinSource(context.stdin, name ?? STDIN_NAME)
        : openSource(file, context).catch((error: unknown) => {
            context.signal.throwIfAborted();
            return { file: shownAddress(file), error: asUserError(error) };
          }),
    ),
  );
  const broken = opened.filter(isBroken);
  const [first] = broken;
  if (!first || (keepGoing && broken.length < opened.length)) return opened;
  throw files.length === 1 ? first.error : nothingUploaded(broken, files.length);
}

async function openSource(
  file: string,
  { signal, words }: Pick<Context, 'signal' | 'words'>,
): Promise<UploadSource> {
  if (isBucketAddress(file)) return inPlace(file);
  if (!isWebAddress(file)) return fileSource(file, folderCommand(words, file));
  return (await import('../client/web/webSource.js')).webSource(file, signal);
}

export function isBroken(opened: Opened): opened is { file: string; error: UserError } {
  return 'error' in opened;
}

function nothingUploaded(broken: readonly { error: UserError }[], files: number): UserError {
  const [{ error }] = broken as [{ error: UserError }];
  const { code, exitCode, cause } = error;
  const why = broken
    .map(({ error: { message, why } }) => (why === undefined ? message : `${message}: ${why}`))
    .join('\n');
  return new UserError({
    code,
    exitCode,
    what: `Nothing was uploaded: ${broken.length} of ${plural(files, 'file')} cannot be sent`,
    why: clean(why) === why ? why : why.split('\n').map(clean).join('\n'),
    next: broken.length < files ? 'fix this, or upload the others with --keep-going' : error.next,
    cause,
  });
}
