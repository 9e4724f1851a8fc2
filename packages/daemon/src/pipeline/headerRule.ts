/** How to read the header of a file: what its cells must name depends on the table that the file is for. */
import type { Spec, Target } from '@csvjobs/shared';
import { shellWord } from '@csvjobs/shared/paths';
import {
  alternativeFields,
  CUSTOMERS_TARGET,
  conceptOf,
  findConcepts,
  foldName,
  isRequired,
  listed,
  loadableCustomers,
  withFullStop,
  withoutSharedOwner,
  writeTableName,
} from '@csvjobs/shared/reading';
import { Failure } from '../failure.js';
import { type FoundHeader, type HeaderWords, tableWords } from '../rows/headerWords.js';
import { loadingOptions } from '../rows/loadingOptions.js';
import { missingAdvice } from '../rows/missingAdvice.js';
import { type RowPlan, rowPlan, SpecMismatch } from '../rows/rowPlan.js';
import { specColumns } from '../rows/specColumns.js';
import type { FirstRecords } from '../rows/suitingValues.js';
import type { JobInto, JobTarget } from '../sql/jobTarget.js';
import { soundCustomers } from './customerSink.js';
import { createRecordReader } from './customers/recordReader.js';
import { CUSTOMERS_WANTED, knownNames, readCustomersHeader, readCustomersTarget } from './customersHeader.js';
import { nameSource } from './header/nameSource.js';
import { otherDelimiter } from './header/otherDelimiter.js';
import { blankLineNotices, quotedTexts } from './header/quotedTexts.js';
import { rivalsOf } from './header/rivals.js';
import {
  type CustomerHeader,
  delimiterHint,
  type Header,
  type HeaderParts,
  namelessNotices,
  type TargetHeader,
} from './header.js';
import type { Fields } from './parse/fields.js';

/**
 * Reads the cells of a header.
 * @throws {Failure} `header_invalid`, or `spec_mismatch` or `key_unusable` if a spec was given; lists every fault
 */
export interface HeaderRule<Of extends HeaderParts = Header> {
  /** @param records the first records, if they were read: a refusal's options are also from their values */
  (cells: readonly string[], delimiter: string, records?: FirstRecords): Of;
  /** The columns that a header should name, for a sentence. */
  readonly wanted: string;
  /** Returns the notices about columns without a name, given their positions. */
  readonly nameless: (positions: readonly number[]) => string[];
  /** Returns how many columns of the table a line names. Undefined if the columns are not known beforehand. */
  readonly known?: (cells: readonly string[]) => number;
  /**
   * Whether a record's values pass the rules, as far as this can be decided from the file alone. Undefined likewise.
   */
  isSound?(header: Of): (fields: Fields) => boolean;
}

type HeaderReader<Of> = (cells: readonly string[], delimiter: string, records?: FirstRecords) => Of;

/** The rule of `customers`. */
export function customersHeader(spec: Spec | undefined): HeaderRule<CustomerHeader> {
  const read: HeaderReader<CustomerHeader> = (cells, delimiter, records) =>
    readCustomersHeader(cells, delimiter, spec, records);
  return Object.assign(read, {
    wanted: CUSTOMERS_WANTED,
    nameless: namelessNotices,
    known: knownColumns(CUSTOMERS_TARGET, spec, knownNames),
    isSound: soundCustomers,
  });
}

/** The rule of `customers` as a table like any other. */
function customersTargetHeader(into: JobTarget): HeaderRule<TargetHeader> {
  const read: HeaderReader<TargetHeader> = (cells, delimiter, records) =>
    readCustomersTarget(cells, delimiter, into, records);
  return Object.assign(read, {
    wanted: CUSTOMERS_WANTED,
    nameless: namelessNotices,
    known: knownColumns(loadableCustomers(into.target), into.spec, knownNames),
    isSound: soundRecords,
  });
}

function soundRecords(header: TargetHeader): (fields: Fields) => boolean {
  const records = createRecordReader(header);
  return (fields) => records.judge(fields).faults === undefined;
}

/** The rule for the files of a job. */
export function headerRuleFor(into: JobInto): HeaderRule {
  return into?.target ? targetHeader(into) : customersHeader(into?.spec);
}

/** What to change before the file is uploaded again. */
const FIXES = {
  header_invalid: 'Rename the fields',
  spec_mismatch: 'Correct the spec or rename the fields',
  key_unusable: 'Choose another key or another mode',
};

/** The rule of any table that was read from the catalog. */
export function targetHeader(into: JobTarget): HeaderRule<TargetHeader> {
  if (into.customers) return customersTargetHeader(into);
  const { target, spec, keyTypes } = into;
  const table = writeTableName(target.table);

  function read(cells: readonly string[], delimiter: string, records?: FirstRecords): TargetHeader {
    // Spreadsheets leave cells without a name at the end for deleted columns; records may lack them.
    const named = cells.findLastIndex((cell) => cell.trim() !== '') + 1;
    const plan = planFor(cells.slice(0, named), delimiter, records);
    const source = nameSource(target, cells, plan, spec);
    const names = cells.slice(0, named).map((cell) => cell.trim());
    const rivals = rivalsOf(target, names, plan, spec);
    const texts = quotedTexts(plan, spec);
    const notices = [...plan.notices, ...blankLineNotices(cells, spec)];
    return {
      ...{ named, cells: cells.length, nameless: [], notices },
      ...(source && { nameSource: source }),
      ...(rivals.length > 0 && { rivals }),
      ...(texts && { quotedTexts: texts }),
      ...(spec?.csvjobs?.quotedEmpty === 'text' && { keepsEmpty: true as const }),
      plan,
    };
  }

  function planFor(cells: readonly string[], delimiter: string, records?: FirstRecords): RowPlan {
    let header: FoundHeader | undefined;
    const { faults, ignored } = tableWords(target);
    const words: HeaderWords = {
      faults: (found) => {
        header = found;
        return faults(found);
      },
      ignored,
    };
    try {
      return rowPlan(target, spec, cells, { words, known: () => [], keyTypes });
    } catch (error) {
      if (!(error instanceof SpecMismatch)) throw error;
      const code = spec === undefined ? 'header_invalid' : error.code;
      // No option can fix a fault in the spec.
      const options = header !== undefined && error.faults.length === faults(header).length;
      const missing = header?.mapping.missing ?? [];
      const orValue =
        missing.length > 0
          ? `, or give a column one value for all rows (--default ${missing.at(-1)}=…),`
          : '';
      const fix = `${missingAdvice(target, missing)} ${FIXES[code]}${orValue}`;
      throw new Failure(
        code,
        `the file does not fit ${table}: ${withFullStop(error.message)}${delimiterHint(cells, delimiter)}${fix} and upload the file again; csvjobs describe ${shellWord(table)} lists the columns.`,
        {
          cause: error,
          options: error.options ?? (options ? optionsFor(cells, header!, records) : undefined),
        },
      );
    }
  }

  function optionsFor(
    cells: readonly string[],
    header: FoundHeader,
    records?: FirstRecords,
  ): string[] | undefined {
    const cut = otherDelimiter(cells, (names) => rowPlan(target, spec, names));
    return cut ?? loadingOptions(target, header, records);
  }

  return Object.assign(read, {
    wanted: `${columnsOf(target)} of ${table}`,
    nameless: namelessNotices,
    known: knownColumns(target, spec, () => []),
    isSound: soundRecords,
  });
}

/** Returns a function that counts how many columns of the table, and fields of its spec, a line names. */
function knownColumns(
  target: Target,
  spec: Spec | undefined,
  known: (column: string) => readonly string[],
): (cells: readonly string[]) => number {
  const { combine = {}, firstOf = {} } = spec?.csvjobs ?? {};
  const meanings = new Map<string, string>();
  // A field of the spec counts as a column of its own, unless a column has its name.
  for (const field of [combine, firstOf].flatMap((block) =>
    Object.values(block).flat().flatMap(alternativeFields),
  ))
    meanings.set(foldName(field), `field ${field}`);
  for (const { column, aliases, known: usual } of specColumns(target, spec, [], known))
    for (const name of [column.name, ...aliases, ...usual]) meanings.set(foldName(name), column.name);
  const usual = usualMeanings(target);
  return (cells) => {
    const names = cells.map((cell) => cell.trim());
    const bare = withoutSharedOwner(names);
    const found = names.map((name, at) => meanings.get(foldName(name)) ?? usual(bare[at]!));
    return new Set(found.filter((meaning) => meaning !== undefined)).size;
  };
}

/**
 * Returns a function that finds the column that a name usually means (see concepts.ts). If the table has no columns for
 * first and last name, both mean its name column; likewise mobile means phone.
 */
function usualMeanings({ columns }: Target): (name: string) => string | undefined {
  const byConcept = new Map(columns.map(({ name }) => [conceptOf(name), name]));
  byConcept.delete(undefined);
  const aliases = [
    ['firstName', 'name'],
    ['lastName', 'name'],
    ['mobile', 'phone'],
  ] as const;
  for (const [concept, of] of aliases)
    if (!byConcept.has(concept) && byConcept.has(of)) byConcept.set(concept, byConcept.get(of)!);
  return (name) => {
    const found = findConcepts(name).find(({ concept }) => byConcept.has(concept));
    return found && byConcept.get(found.concept);
  };
}

function columnsOf(target: Target): string {
  return listed(
    target.columns
      .filter(({ insertable }) => insertable)
      .map((each) => each.name + (isRequired(target, each) ? '' : ' (optional)')),
  );
}
