/** Options for how a file's text becomes records and values; all are written into its spec. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DialectFlags } from '../config/dialectOptions.js';
import type { SpecFlags } from '../config/specOptions.js';

/** Adds the options for splitting a file's text into records and fields. */
export function addDialect(command: Command): Command {
  return command
    .addOption(character('--quote <character>', 'quote character, or none: no field is quoted (default: ")'))
    .addOption(
      character('--escape <character>', 'escape character: the character after it is taken literally'),
    )
    .addOption(
      new Option(
        '--quotes <how>',
        'a quote inside a field: reject the record (strict, the default), or keep it as text (lenient)',
      ).choices(['strict', 'lenient']),
    )
    .option('--skip-lines <n>', 'skip this many lines at the start', lines)
    .option('--header-rows <lines>', 'lines of the header, whose names are joined: 1,2', rows)
    .option('--no-header', 'the file has no header; needs --columns, or a spec with fields')
    .option('--columns <names>', 'with --no-header: names of the fields: name,email,company', names)
    .addOption(character('--comment <character>', 'skip lines that begin with this character'))
    .option(
      '--footer <n>',
      'skip this many lines at the end, not counting blank ones; 0: there is no footer (default: detected)',
      lines,
    );
}

/** Adds the options for the form of values, which csvjobs also uses to detect types. */
export function addForms(command: Command): Command {
  return command
    .addOption(
      new Option('--null <word>', 'word that means no value; may be given several times').argParser(
        (word: string, before: string[] | undefined) => [...(before ?? []), word],
      ),
    )
    .addOption(character('--decimal <character>', 'decimal character of numbers (default: .)'))
    .addOption(
      character('--group <character>', 'character between groups of three digits in numbers (default: none)'),
    );
}

/** Adds the options for the values in a table's columns. */
export function addValues(command: Command): Command {
  return addForms(
    command.option('--trim', 'remove blanks around text').option('--no-trim', 'keep blanks around text'),
  )
    .addOption(
      new Option(
        '--quoted-empty <meaning>',
        'what "" means: no value, or an empty text, as COPY writes it (default: missing)',
      ).choices(['missing', 'text']),
    )
    .option('--date-format <format>', 'how dates are written: %d.%m.%Y (default: %Y-%m-%d)')
    .option('--timestamp-format <format>', "how timestamps are written: '%d.%m.%Y %H:%M' (default: ISO 8601)")
    .option(
      '--time-zone <zone>',
      'time zone of times without an offset, for columns that store a point in time (default: they are rejected)',
    );
}

/** Returns the options that are written into the spec (see config/specOptions.ts). */
export function specFlags(options: SpecFlags): SpecFlags {
  const flags: SpecFlags = {};
  for (const key of KEYS) if (options[key] !== undefined) Object.assign(flags, { [key]: options[key] });
  // This is commander's value without --no-header.
  if (flags.header === true) delete flags.header;
  return flags;
}

/** Returns the options for a command without an existing table; its `--key` has another meaning. */
export function dialectFlags(options: DialectFlags): DialectFlags {
  const { key: _, ...flags } = specFlags(options);
  return flags;
}

const KEYS = [
  'map',
  'default',
  'constant',
  'strict',
  'quote',
  'escape',
  'quotes',
  'skipLines',
  'headerRows',
  'header',
  'columns',
  'comment',
  'footer',
  'trim',
  'null',
  'quotedEmpty',
  'decimal',
  'group',
  'dateFormat',
  'timestampFormat',
  'timeZone',
  'onConflict',
  'key',
  'blanks',
  'updateOnly',
] as const satisfies (keyof SpecFlags)[];

function character(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string) => {
    if ([...text].length === 1 || (text === 'none' && flags.startsWith('--quote '))) return text;
    throw new InvalidArgumentError('it must be one character');
  });
}

function lines(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('it must be a number of lines');
  return Number(text);
}

function rows(text: string): number[] {
  const numbers = text.split(',').map((each) => each.trim());
  if (numbers.every((each) => /^[1-9]\d{0,3}$/.test(each))) return numbers.map(Number);
  throw new InvalidArgumentError('it must be line numbers, 1 for the first: 1,2');
}

function names(text: string): string[] {
  const found = text.split(',').map((each) => each.trim());
  if (found.some((name) => name !== '')) return found;
  throw new InvalidArgumentError('it must be names: name,email,company');
}
