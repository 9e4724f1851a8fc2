/**
 * Writes the options for how a file is read into its spec: the daemon receives one spec, and `csvjobsd check` reads the
 * same. An option takes precedence over the spec file's entry for the same column.
 */
import type { Spec } from '@csvjobs/shared';
import { usageError } from '../userError.js';
import { type DialectFlags, dialectEdits, type SpecEdit } from './dialectOptions.js';
import { readMap } from './mapOption.js';
import { type ModeFlags, modeEdits } from './modeOptions.js';
import { fitsReplace, type ReplaceFlags, replaceEdits } from './replaceOptions.js';
import type { SpecFile } from './specFile.js';

/** Options with a column may be given several times. */
export interface SpecFlags extends DialectFlags, ModeFlags, ReplaceFlags {
  /** `company=Unknown` */
  default?: readonly string[];
  /** `source=hubspot` */
  constant?: readonly string[];
  /** `name=First Name + Last Name` */
  map?: readonly string[];
  strict?: boolean;
  atomic?: boolean;
  dryRun?: boolean;
  hold?: boolean;
  /** For an atomic load; for any other it only affects the exit code. */
  maxErrors?: string;
}

type Block = NonNullable<Spec['csvjobs']>;

/**
 * Returns the spec of a file with the options applied, or the file unchanged if there are none.
 * @param otherwise the spec that the options change if there is no file
 * @throws UserError (exit 2) for an option that cannot be read
 */
export function withOptions(
  file: SpecFile | undefined,
  flags: SpecFlags,
  otherwise: Spec = {},
): SpecFile | undefined {
  const edits = editsOf(flags);
  if (edits.length === 0) return file;
  const before = file?.spec ?? otherwise;
  const spec = edits.reduce<Spec>((edited, edit) => edit(edited), before);
  if (spec === before) return file;
  return { bytes: Buffer.from(JSON.stringify(spec)), spec };
}

function editsOf(flags: SpecFlags): SpecEdit[] {
  mustDiffer('--default', flags.default);
  mustDiffer('--map', flags.map);
  mustDiffer('--constant', flags.constant);
  return [
    ...(flags.map ?? []).map(mapped),
    ...(flags.constant ?? []).map((text) => fill('constant', assignment('--constant', text))),
    // Last, so that the daemon refuses both options for one column.
    ...(flags.default ?? []).map((text) => fill('default', assignment('--default', text))),
    ...dialectEdits(flags),
    ...(flags.strict ? [beStrict] : []),
    ...replaceEdits(flags),
    ...modeEdits(flags),
    ...(flags.replace || flags.onConflict || flags.updateOnly ? [fitsReplace] : []),
    ...(flags.atomic ? [(spec: Spec) => inBlock(spec, { atomic: true })] : []),
    ...(flags.dryRun ? [(spec: Spec) => inBlock(spec, { dryRun: true })] : []),
    ...(flags.hold ? [(spec: Spec) => inBlock(spec, { hold: true })] : []),
    ...(flags.hold || flags.dryRun ? [heldOrDry] : []),
    ...(flags.maxErrors === undefined ? [] : [gated(flags.maxErrors)]),
  ];
}

/** Refuses an option that is used twice for a column: the last one would silently win. */
function mustDiffer(option: '--default' | '--map' | '--constant', texts: readonly string[] = []): void {
  const columns = texts.map((text) => plain(text.slice(0, Math.max(0, text.indexOf('=')))));
  const at = columns.findIndex((column, index) => column !== '' && columns.indexOf(column) < index);
  if (at === -1) return;
  const column = texts[at]!.slice(0, texts[at]!.indexOf('=')).trim();
  throw usageError(
    `${option} is used twice for ${column}`,
    'a column can have only one source',
    option === '--map'
      ? `--map '${column}=First | Second' takes the first with a value, --map '${column}=First + Second' joins them`
      : `leave one ${option} ${column}=… out`,
  );
}

function beStrict(spec: Spec): Spec {
  return inBlock(spec, { strict: true });
}

/** Checked here rather than by the daemon, so that the message names the options. */
function heldOrDry(spec: Spec): Spec {
  if (!spec.csvjobs?.hold || !spec.csvjobs.dryRun) return spec;
  throw usageError(
    '--hold and --dry-run cannot be used together',
    'a dry run leaves nothing to accept; csvjobs load loads it',
    'leave one out (in a spec: csvjobs.hold and csvjobs.dryRun)',
  );
}

/** Sets the maximum number of rejects if the load is one transaction, by an option or by its spec. */
function gated(maxErrors: string): SpecEdit {
  return (spec) =>
    spec.csvjobs?.atomic || spec.csvjobs?.hold || spec.csvjobs?.replace
      ? inBlock(spec, { maxErrors: limitOf(maxErrors) })
      : spec;
}

function limitOf(text: string): number | string {
  const limit = text.trim();
  return limit.endsWith('%') ? limit : Number(limit);
}

function inBlock(spec: Spec, more: Block): Spec {
  return { ...spec, csvjobs: { ...spec.csvjobs, ...more } };
}

/** The entries of a block for the source of a column: an option for a column replaces all of them. */
const SOURCES = ['constant', 'combine', 'firstOf'] as const;

function fill(key: 'default' | 'constant', { column, value }: Assignment): SpecEdit {
  return (spec) => {
    const block: Block = { ...spec.csvjobs };
    if (key === 'constant') for (const source of SOURCES) drop(block, source, column);
    drop(block, 'default', column);
    return { ...spec, csvjobs: { ...block, [key]: { ...block[key], [column]: value } } };
  };
}

function mapped(text: string): SpecEdit {
  const { column, key, fields } = readMap(text);
  return (spec) => {
    const block: Block = { ...spec.csvjobs };
    for (const source of SOURCES) drop(block, source, column);
    return { ...spec, csvjobs: { ...block, [key]: { ...block[key], [column]: fields } } };
  };
}

/** Removes a column from one entry of a block, however the column is written there. */
function drop(block: Block, key: 'default' | (typeof SOURCES)[number], column: string): void {
  const entries = Object.entries(block[key] ?? {}).filter(([name]) => plain(name) !== plain(column));
  if (block[key]) Object.assign(block, { [key]: Object.fromEntries(entries) });
}

function plain(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

interface Assignment {
  column: string;
  value: string;
}

/** Reads `column=value`: splits at the first equals sign and takes the value literally. */
function assignment(option: string, text: string): Assignment {
  const at = text.indexOf('=');
  const column = text.slice(0, at).trim();
  if (at > 0 && column !== '') return { column, value: text.slice(at + 1) };
  throw usageError(
    `${option} ${JSON.stringify(text)} is not understood`,
    'it takes a column of the table, an equals sign and a value',
    `${option} ${option === '--default' ? 'company=Unknown' : 'source=hubspot'}`,
  );
}
