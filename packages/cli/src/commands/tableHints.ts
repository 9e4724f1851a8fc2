/** The next command for a file whose table or header does not fit, with the names from this call. */
import { CUSTOMERS } from '@csvjobs/shared/paths';
import type { UploadSource } from '../client/uploadBody.js';
import { isWebAddress } from '../client/web/webAddress.js';
import { fileArgument, filePath, shellQuote } from '../text/text.js';
import { UserError } from '../userError.js';
import { withTypedOptions } from './typedOptions.js';

/**
 * The same error with a command that can be copied.
 * @param words the words of this command line; with the options that the error names, they make up the command
 * @param table the requested table; undefined for customers
 */
export function withCommands(
  error: UserError,
  { file }: Pick<UploadSource, 'file'>,
  table: string | undefined,
  words: readonly string[] = [],
): UserError {
  const { code, exitCode, message: what, cause, options } = error;
  const next =
    options && words.length > 0
      ? commandWith(words, file, options)
      : (meantTable(error, words, file) ?? nextFor(error.code, file, table));
  const why = error.why === undefined ? undefined : withTypedOptions(error.why, words);
  if (isAboutOptions({ code, why }, words))
    return new UserError({ code, exitCode, what: MISFIT, why, next: `csvjobs ${words[0]} --help`, cause });
  return new UserError({ code, exitCode, what, why, next: next ?? error.next, options, cause });
}

const MISFIT = 'The options do not fit together';

/** Whether the spec that is invalid was made of options alone, of which the error names one. */
function isAboutOptions(
  { code, why = '' }: Pick<UserError, 'code' | 'why'>,
  words: readonly string[],
): boolean {
  if ((code !== 'spec_invalid' && code !== 'usage') || words.some((word) => /^--(spec|like)\b/.test(word)))
    return false;
  return words.some((word) => word.startsWith('--') && why.includes(word.replace(/=.*/s, '')));
}

/** The same command with the table that the daemon thinks was meant; undefined if it names none, or several. */
function meantTable(
  { code, why = '' }: UserError,
  words: readonly string[],
  file: string,
): string | undefined {
  const [, meant] = (code === 'table_not_found' && /; did you mean ((?:(?! or ).)+)\?$/s.exec(why)) || [];
  return meant !== undefined && words.includes('--into')
    ? commandWith(words, file, ['--into', meant])
    : undefined;
}

/** Options of which a command line may have several. */
const REPEATED = ['--map', '--default'];

/** The same command for one file, with options at its end, which replace those of the same name; without the token. */
export function commandWith(words: readonly string[], file: string, options: readonly string[]): string {
  const isOption = (word: string | undefined) => word?.startsWith('--') === true;
  const replaced = options.filter((option) => isOption(option) && !REPEATED.includes(option));
  const takeValues = replaced.filter((option) => !isOption(options[options.indexOf(option) + 1] ?? '--'));
  const isLeftOut = (word: string, before = '') =>
    ['--token', ...replaced].includes(word.replace(/=.*/s, '')) ||
    ['--token', ...takeValues].includes(before);
  const [command = '', ...given] = words;
  const rest = given.filter((word, at) => !isLeftOut(word, given[at - 1]));
  return ['csvjobs', command, filePath(file), ...rest, ...options].map(shellQuote).join(' ');
}

/** Commands that take several files. */
const SEVERAL = new Set(['upload', 'check']);

/** The same command for the CSV files of a folder, or for one of them. */
export function folderCommand(words: readonly string[], folder: string): string {
  const [command = ''] = words;
  const start = `csvjobs ${command} ${fileArgument(folder)}`;
  const files = SEVERAL.has(command) ? '*.csv' : '<file>.csv';
  return `${start}/${files}${commandWith(words, folder, []).slice(start.length)}`;
}

/** The `csvjobs map` command for a file. @param table undefined for customers */
export function mapCommand(file: string, table: string | undefined): string {
  return `csvjobs map ${fileArgument(file)}${table === undefined ? '' : ` --into ${shellQuote(table)}`}`;
}

/** Only a local file can be mapped: stdin cannot be read again, and an address is not on this machine. */
function nextFor(code: string, file: string, table: string | undefined): string | undefined {
  const map = mapCommand(file, table);
  const local = file !== '-' && !isWebAddress(file);
  if (table === undefined && code === 'key_unusable') return `csvjobs describe ${CUSTOMERS}`;
  if (table === undefined)
    return local && (code === 'header_invalid' || code === 'spec_mismatch') ? map : undefined;
  const into = shellQuote(table);
  const fit = local ? map : `csvjobs describe ${into}`;
  const commands: Record<string, string> = {
    table_not_found: `csvjobs tables${isWebAddress(file) ? '' : `, or csvjobs create-table ${fileArgument(file)} --into ${into}`}`,
    header_invalid: fit,
    spec_mismatch: fit,
    key_unusable: `csvjobs describe ${into}`,
    spec_invalid: `csvjobs describe ${into} --spec`,
  };
  return commands[code];
}
