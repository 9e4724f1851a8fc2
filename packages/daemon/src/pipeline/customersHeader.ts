/** Reads the header of a file for `customers`: as for any other table, but with messages about customers. */
import type { CustomerColumn, Spec, Target } from '@csvjobs/shared';
import {
  CUSTOMER_ALIASES,
  CUSTOMER_COLUMNS,
  CUSTOMERS_TARGET,
  conceptNames,
  conceptOf,
  isCustomerColumn,
  loadableCustomers,
  REQUIRED_COLUMNS,
  withShippedFields,
} from '@csvjobs/shared/reading';
import { Failure } from '../failure.js';
import { ambiguousIn, type FoundHeader, type HeaderWords } from '../rows/headerWords.js';
import { loadingOptions } from '../rows/loadingOptions.js';
import { type PlanColumn, type RowPlan, rowPlan, SpecMismatch } from '../rows/rowPlan.js';
import type { FirstRecords } from '../rows/suitingValues.js';
import type { JobTarget } from '../sql/jobTarget.js';
import { noMeaning, sentences, unusable } from './customersEntries.js';
import { nameSource } from './header/nameSource.js';
import { otherDelimiter } from './header/otherDelimiter.js';
import { rivalsOf } from './header/rivals.js';
import { withoutHeaderOptions } from './header/withoutHeader.js';
import {
  type CustomerHeader,
  customerHeaderOf,
  delimiterHint,
  shownList,
  shownName,
  type TargetHeader,
} from './header.js';

/** The columns of `customers`, for a sentence. */
export const CUSTOMERS_WANTED = CUSTOMER_COLUMNS.map((column) =>
  isRequired(column) ? column : `${column} (optional)`,
).join(', ');

const WANTED_NAMES = `The first line must name the columns ${CUSTOMERS_WANTED}, in any order.`;

/**
 * Finds the columns among the cells of a header, by the spec, by name or by the usual names, in any order.
 *
 * Spreadsheets leave empty cells at the end for deleted columns; records may lack them. Other unknown columns are
 * ignored and named in a notice, together with the column that they may be meant for if the file lacks it.
 *
 * @param records see HeaderRule
 * @throws {Failure} `header_invalid` if a required column is missing or a column occurs twice; `spec_mismatch` if a
 *   spec was given
 */
export function readCustomersHeader(
  cells: readonly string[],
  delimiter: string,
  spec?: Spec,
  records?: FirstRecords,
): CustomerHeader {
  return customerHeaderOf(read(cells, delimiter, CUSTOMERS_TARGET, spec, records));
}

/**
 * Does the same for a table that was read from the catalog: finds the columns that its owner has added as it does for
 * any other table.
 */
export function readCustomersTarget(
  cells: readonly string[],
  delimiter: string,
  { target, spec }: JobTarget,
  records?: FirstRecords,
): TargetHeader {
  return read(cells, delimiter, loadableCustomers(target), withShippedFields(target, spec), records);
}

function read(
  cells: readonly string[],
  delimiter: string,
  target: Target,
  spec: Spec | undefined,
  records: FirstRecords | undefined,
): TargetHeader {
  const names = cells.map((cell) => cell.trim());
  const named = names.findLastIndex((name) => name !== '') + 1;
  const plan = planFor(names.slice(0, named), delimiter, target, spec, records);
  const columns = plan.columns.map(withoutOwnRule);
  const positions: Record<CustomerColumn, number> = { name: -1, email: -1, phone: -1, company: -1 };
  const made = columns.every((each) => !isCustomerColumn(each.column) || isPlain(each)) ? undefined : columns;
  for (const [at, { column, from }] of columns.entries())
    if (isCustomerColumn(column)) positions[column] = !made && from.kind === 'field' ? from.position : at;
  const nameless = [...names.keys()].filter((position) => position < named && names[position] === '');
  const strict = spec?.csvjobs?.strict ? ({ strict: true } as const) : {};
  const source = nameSource(target, names, plan, spec);
  const rivals = rivalsOf(target, names.slice(0, named), plan, spec);
  const customers = { positions, ...(made && { made }), ...strict };
  return {
    named,
    cells: cells.length,
    nameless,
    notices: plan.notices,
    ...(source && { nameSource: source }),
    ...(rivals.length > 0 && { rivals }),
    plan: { ...plan, columns },
    customers,
  };
}

/** Drops what a spec demands of an e-mail if the rules of customers demand it anyway, so that it is reported once. */
function withoutOwnRule(each: PlanColumn): PlanColumn {
  const { column, reading } = each;
  if (column !== 'email' || reading?.form?.kind !== 'plain' || reading.form.type !== 'email') return each;
  const rest = { ...reading, form: undefined };
  const isPlain = rest.limits === undefined && rest.missing.join() === '' && !rest.trim;
  return { ...each, reading: isPlain ? undefined : rest };
}

/** Whether a column's value is one field, unchanged, which may be empty if the rules of customers allow it. */
function isPlain({ column, from, nullable, reading, default: filled }: PlanColumn): boolean {
  const strict = !nullable && !isRequired(column as CustomerColumn);
  return from.kind === 'field' && reading === undefined && filled === undefined && !strict;
}

function isRequired(column: CustomerColumn): boolean {
  return (REQUIRED_COLUMNS as readonly string[]).includes(column);
}

/** The usual names of a column in a header. */
export function knownNames(column: string): readonly string[] {
  return isCustomerColumn(column) ? CUSTOMER_ALIASES[column] : [];
}

function planFor(
  names: readonly string[],
  delimiter: string,
  target: Target,
  spec: Spec | undefined,
  records: FirstRecords | undefined,
): RowPlan {
  const refused = unusable(spec, target);
  let header: FoundHeader | undefined;
  const words: HeaderWords = {
    faults: (found) => {
      header = found;
      return headerFaults(found);
    },
    ignored: ignoredNotices,
  };
  try {
    const plan = rowPlan(target, spec, names, { words, known: knownNames });
    if (refused.length === 0) return plan;
    throw noMeaning(refused);
  } catch (error) {
    if (!(error instanceof SpecMismatch)) throw error;
    refused.unshift(...error.faults.map((says) => ({ says })));
  }
  const asRecord =
    spec === undefined && target === CUSTOMERS_TARGET ? withoutHeaderOptions(names) : undefined;
  if (asRecord !== undefined)
    throw new Failure(
      'header_invalid',
      `The first line has an e-mail address, so it is a record: the file has no header. Name its fields in their order, among them ${CUSTOMERS_WANTED}; the options have those that the values suggest.`,
      { options: asRecord },
    );
  const knowledge = { words: { faults: headerFaults, ignored: ignoredNotices }, known: knownNames };
  const cut = () => otherDelimiter(names, (cells) => rowPlan(target, spec, cells, knowledge));
  const suggested = suggestions(header);
  // No option can fix a fault in the spec.
  const specOnly = header === undefined || refused.length > headerFaults(header).length;
  const fix = spec === undefined ? 'Rename them' : 'Correct the spec or rename them';
  throw new Failure(
    spec === undefined ? 'header_invalid' : 'spec_mismatch',
    `${sentences(refused)}; found: ${shownList(names, suggested)}.${delimiterHint(names, delimiter)} ${WANTED_NAMES}${otherNames(header)} ${fix} and upload the file again.`,
    { options: specOnly ? undefined : (cut() ?? (header && loadingOptions(target, header, records))) },
  );
}

/** Returns a sentence with the usual names of the columns that a header lacks. Starts with a space. */
function otherNames(header: FoundHeader | undefined): string {
  const shown = header?.mapping.missing.flatMap((column) => {
    const concept = conceptOf(column);
    return concept === undefined
      ? []
      : [`${column} is also known as ${conceptNames(concept).slice(1, 5).join(', ')}`];
  });
  return shown?.length ? ` ${shown.join('; ')}.` : '';
}

function headerFaults(header: FoundHeader): string[] {
  const { missing } = header.mapping;
  return [
    ...(missing.length > 0 ? [`missing columns: ${missing.join(', ')}`] : []),
    ...(missing.length === 0 && header.empty ? ['no column of the file is used'] : []),
    ...ambiguousIn(header).map(
      ({ columns, names }) => `more than one column for ${columns.join(' and ')}: ${shownList(names)}`,
    ),
  ];
}

/** Leaves out columns without a name: they get notices by position after the records are read (see namelessNotices). */
function ignoredNotices(header: FoundHeader): string[] {
  const { mapping, used } = header;
  const left = mapping.ignored.filter(({ position, name }) => name !== '' && !used.has(position));
  const beaten = left.flatMap(({ name, outdone }) =>
    outdone === undefined
      ? []
      : [`ignored column ${JSON.stringify(name)}: another column matches ${outdone} better`],
  );
  const strangers = left.flatMap(({ name, outdone }) => (outdone === undefined ? [name] : []));
  if (strangers.length === 0) return beaten;
  return [...beaten, `ignored columns: ${shownList(strangers, suggestions(header))}`];
}

/** Returns a function that shows a name of the header with the column that it may be meant for. */
function suggestions(header: FoundHeader | undefined): (name: string) => string {
  const meant = new Map(header?.mapping.ignored.map(({ name, suggestion }) => [name, suggestion]));
  return (name) => {
    const suggestion = meant.get(name);
    return suggestion === undefined ? shownName(name) : `${shownName(name)} (did you mean ${suggestion}?)`;
  };
}
