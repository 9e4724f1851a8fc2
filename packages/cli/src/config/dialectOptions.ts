/** Options for how a file's text becomes records and values, as edits of its spec. */
import type { Spec } from '@csvjobs/shared';
import { timeZoneFault } from '@csvjobs/shared/rules';
import { usageError } from '../userError.js';

export interface DialectFlags {
  /** A character, or `none`. */
  quote?: string;
  escape?: string;
  quotes?: 'strict' | 'lenient';
  skipLines?: number;
  headerRows?: readonly number[];
  /** False for --no-header. */
  header?: boolean;
  columns?: readonly string[];
  comment?: string;
  footer?: number;
  trim?: boolean;
  null?: readonly string[];
  quotedEmpty?: 'missing' | 'text';
  decimal?: string;
  group?: string;
  /** `%d.%m.%Y` */
  dateFormat?: string;
  timestampFormat?: string;
  /** `Europe/Berlin` */
  timeZone?: string;
}

/** An option as an edit of a spec. */
export type SpecEdit = (spec: Spec) => Spec;

type Block = NonNullable<Spec['csvjobs']>;
type Dialect = NonNullable<Spec['dialect']>;

/** Returns the edits for the flags. An option replaces the same setting in the spec. */
export function dialectEdits(flags: DialectFlags): SpecEdit[] {
  const {
    quote,
    escape: mark,
    quotes,
    skipLines,
    headerRows,
    header,
    columns,
    comment,
    footer,
    trim,
    decimal,
    group,
    dateFormat,
    timestampFormat,
    timeZone,
  } = flags;
  return [
    ...given(quote, (text) =>
      text === 'none'
        ? block({ quotes: 'none' })
        : (spec: Spec) => {
            const { quotes: before, ...rest } = spec.csvjobs ?? {};
            const kept = before === undefined || before === 'none' ? rest : { ...rest, quotes: before };
            return dialect({ quoteChar: text })({ ...spec, csvjobs: kept });
          },
    ),
    ...given(mark, (escapeChar) => dialect({ escapeChar })),
    ...given(quotes, (word) => block({ quotes: word })),
    ...given(skipLines, (count) => block({ skipLines: count })),
    ...given(headerRows, (rows) => dialect({ headerRows: [...rows] })),
    ...(header === false
      ? [withoutHeader(columns)]
      : given(columns, (names) => block({ columns: [...names] }))),
    ...given(comment, (commentChar) => dialect({ commentChar })),
    ...given(footer, (lines) => block({ footer: lines })),
    ...given(trim, (all) => block({ trim: all })),
    ...given(flags.null, (words) => block({ missingValues: [...words] })),
    ...given(flags.quotedEmpty, (meaning) => block({ quotedEmpty: meaning })),
    ...given(decimal, (decimalChar) => block({ decimalChar })),
    ...given(group, (groupChar) => block({ groupChar })),
    ...given(dateFormat, (format) => block({ dateFormat: format })),
    ...given(timestampFormat, (format) => block({ timestampFormat: format })),
    ...given(timeZone, zoneEdit),
  ];
}

/** Returns the options as words of a command line. */
export function dialectOptions(flags: DialectFlags): string[] {
  const { quote, escape: mark, quotes, skipLines, headerRows, header, columns, comment, footer } = flags;
  return [
    ...word('--quote', quote),
    ...word('--escape', mark),
    ...word('--quotes', quotes),
    ...word('--skip-lines', skipLines),
    ...word('--header-rows', headerRows?.join(',')),
    ...(header === false ? ['--no-header'] : []),
    ...word('--columns', columns?.join(',')),
    ...word('--comment', comment),
    ...word('--footer', footer),
    ...(flags.null ?? []).flatMap((text) => word('--null', text)),
    ...word('--decimal', flags.decimal),
    ...word('--group', flags.group),
  ];
}

function word(option: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [option, String(value)];
}

function given<T>(value: T | undefined, edit: (value: T) => SpecEdit): SpecEdit[] {
  return value === undefined ? [] : [edit(value)];
}

/** @throws UserError (exit 2) for an unknown time zone */
function zoneEdit(timeZone: string): SpecEdit {
  const fault = timeZoneFault(timeZone);
  if (fault !== undefined)
    throw usageError(
      `--time-zone: ${fault}`,
      'it takes the zone of times without an offset',
      '--time-zone Europe/Berlin',
    );
  return block({ timeZone });
}

/** Removes the position of the header from the spec: it describes another file. */
function withoutHeader(columns: readonly string[] | undefined): SpecEdit {
  return (spec) => {
    const { headerRows: _, ...rest } = spec.dialect ?? {};
    const edited = { ...spec, dialect: { ...rest, header: false } };
    return columns === undefined ? edited : block({ columns: [...columns] })(edited);
  };
}

function block(entries: Block): SpecEdit {
  return (spec) => ({ ...spec, csvjobs: { ...spec.csvjobs, ...entries } });
}

function dialect(entries: Dialect): SpecEdit {
  return (spec) => ({ ...spec, dialect: { ...spec.dialect, ...entries } });
}
