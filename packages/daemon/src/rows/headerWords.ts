/** Sentences about a header that was mapped to the columns of a table: faults and ignored fields. */
import type { HeaderMapping, Target } from '@csvjobs/shared';
import { listed, writeTableName } from '@csvjobs/shared/reading';

/** A header, and how its fields were mapped to columns. */
export interface FoundHeader {
  /** Its names, trimmed. */
  cells: readonly string[];
  mapping: HeaderMapping;
  /** The columns that the spec fills. */
  bySpec: ReadonlySet<string>;
  /** The positions of the fields that the spec names. */
  used: ReadonlySet<number>;
  /** The columns that a field or a constant fills. */
  filled: ReadonlySet<string>;
  /** No field of the file fills a column. */
  empty: boolean;
}

export interface HeaderWords {
  /** Returns a sentence for each fault that prevents the load. */
  faults(header: FoundHeader): string[];
  /** Returns sentences about the fields that fill no column. */
  ignored(header: FoundHeader): string[];
}

/** Returns the sentences for any table. */
export function tableWords(target: Target): HeaderWords {
  return { faults: (header) => headerFaults(target, header), ignored: ignoredNotices };
}

/**
 * Returns fields that match several columns, and columns that several fields match, except columns that the spec fills.
 */
export function ambiguousIn({ mapping, bySpec }: FoundHeader): HeaderMapping['ambiguous'] {
  return mapping.ambiguous.filter(({ columns }) => !columns.every((column) => bySpec.has(column)));
}

function headerFaults(target: Target, header: FoundHeader): string[] {
  const { mapping, empty } = header;
  const { missing } = mapping;
  const faults: string[] = [];
  if (missing.length > 0)
    faults.push(`missing ${missing.length === 1 ? 'column' : 'columns'}: ${listed(missing)}`);
  else if (empty) {
    const names = target.columns.filter(({ insertable }) => insertable).map(({ name }) => name);
    faults.push(`no field of the file is a column of ${writeTableName(target.table)} (${listed(names)})`);
  }
  for (const { columns, names } of ambiguousIn(header)) {
    const fields = names.map(quoted).join(' and ');
    faults.push(
      columns.length === 1
        ? `the fields ${fields} all match the column ${columns[0]}; rename all but one`
        : `the field ${fields} matches the columns ${columns.join(' and ')}; rename it to one of them`,
    );
  }
  return faults;
}

function ignoredNotices({ mapping, used }: FoundHeader): string[] {
  const left = mapping.ignored.filter(({ position }) => !used.has(position));
  const beaten = left.filter(({ outdone }) => outdone !== undefined);
  const strangers = left.filter(({ outdone }) => outdone === undefined);
  const notices = beaten.map(
    ({ name, outdone }) => `ignored field ${quoted(name)}: another field matches ${outdone} better`,
  );
  if (strangers.length > 0) {
    const shown = strangers.map(({ name, position, suggestion }) => {
      const field = name === '' ? `field ${position + 1} (without a name)` : name;
      return suggestion === undefined ? field : `${field} (did you mean ${suggestion}?)`;
    });
    notices.push(`ignored ${strangers.length === 1 ? 'field' : 'fields'}: ${listed(shown)}`);
  }
  return notices;
}

const quoted = (name: string) => JSON.stringify(name);
