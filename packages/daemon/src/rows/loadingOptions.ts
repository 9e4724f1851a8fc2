/** Finds command line options that would load a file whose header was refused. */
import type { Target, TargetType } from '@csvjobs/shared';
import { conceptOf, foldName, NOW, shownSource } from '@csvjobs/shared/reading';
import { fieldReference } from './fieldReference.js';
import { firmOptions, sharedNames, swappedNames } from './firms.js';
import { ambiguousIn, type FoundHeader } from './headerWords.js';
import { likelyFields, likelyPhone } from './likelyFields.js';
import type { FirstRecords } from './suitingValues.js';

/**
 * Returns options, as words of a command line: a field for each column that lacks one, or a value for every row.
 * Returns undefined if a column can have neither: a key cannot have the same value twice, and only texts and the
 * time of a row can be invented.
 * @param records the first records, whose values confirm what the names say
 */
export function loadingOptions(
  target: Target,
  header: FoundHeader,
  records: FirstRecords = [],
): string[] | undefined {
  const { mapping, cells } = header;
  const options: string[] = [];
  const used = new Set(header.used);
  for (const { columns, names, positions } of ambiguousIn(header)) {
    if (columns.length > 1) return undefined;
    // Fields with the same name cannot be distinguished, so use the first.
    const isSame = new Set(names).size === 1;
    const meant = isSame ? positions.slice(0, 1) : positions;
    const references = meant.map((position) => fieldReference(position, cells));
    options.push('--map', `${columns[0]}=${shownSource(references, 'first')}`);
  }
  // Find the fields for each column first; each field is used only once.
  const fields = new Map(
    mapping.missing.map((column) => [column, likelyFields(column, cells, header, used, records)]),
  );
  const company = mapping.missing.find((column) => conceptOf(column) === 'company');
  const shared = sharedNames(header);
  const swapped = shared ?? (company !== undefined && swappedNames(header, fields.get(company)?.[0]));
  if (swapped) {
    if (company !== undefined) fields.set(company, [swapped.company]);
    const name = target.columns.find((each) => conceptOf(each.name) === 'name')?.name;
    if (name !== undefined) options.push('--map', `${name}=${shownSource(swapped.name, 'blank')}`);
    if (name !== undefined) fields.delete(name);
  }
  for (const column of mapping.missing) {
    if (swapped && conceptOf(column) === 'name') continue;
    // An option ends the column's name at the first equals sign.
    if (column.includes('=')) return undefined;
    const from = fields.get(column);
    const firm =
      from === undefined && conceptOf(column) === 'name'
        ? firmOptions(target, column, header.cells)
        : undefined;
    if (firm) options.push(...firm);
    else if (from !== undefined) options.push('--map', `${column}=${shownSource(from, 'blank')}`);
    else if (takesAnyText(target, column)) options.push('--default', `${column}=Unknown`);
    else if (takesNow(target, column)) options.push('--default', `${column}=${NOW}`);
    else return undefined;
  }
  if (options.length > 0) options.push(...phoneOption(target, header, used, records));
  return options.length === 0 || (header.empty && !options.includes('--map')) ? undefined : options;
}

/** Returns the option for a phone that no field is named after, if one has phone numbers. */
function phoneOption(
  { columns }: Target,
  { cells, mapping, filled, bySpec }: FoundHeader,
  used: ReadonlySet<number>,
  records: FirstRecords,
): string[] {
  const column = columns.find(({ name, insertable }) => insertable && conceptOf(name) === 'phone')?.name;
  const isOpen = column !== undefined && !filled.has(column) && !bySpec.has(column);
  if (!isOpen || mapping.missing.includes(column)) return [];
  const free = mapping.ignored.map(({ position }) => position).filter((position) => !used.has(position));
  const position = likelyPhone(cells, free, records);
  return position === undefined
    ? []
    : ['--map', `${column}=${shownSource([fieldReference(position, cells)], 'first')}`];
}

/** Returns an option that gives records without a company a value, if the table's column accepts any text. */
export function companyDefault(target: Target): string[] {
  const company = target.columns.find(({ name }) => conceptOf(name) === 'company')?.name;
  return company !== undefined && takesAnyText(target, company) ? ['--default', `${company}=Unknown`] : [];
}

/** Whether a column accepts any text: it has no constraint that an invented value could violate, and is in no key. */
function takesAnyText(target: Target, name: string): boolean {
  return freeType(target, name)?.name === 'text';
}

/** Folded names of the columns that say when a row was written. Many programs set them, so they often have no DEFAULT. */
const WRITTEN =
  /^(?:date|time)?(?:created|inserted|added|imported|loaded|updated|modified|changed|lastupdated?|lastmodified)(?:at|on|date|time)?$/;

/** Whether a column says when its row was written, which is the time of the upload. */
function takesNow(target: Target, name: string): boolean {
  const type = freeType(target, name);
  return (
    type?.system === true &&
    /^(?:date|timestamp|timestamptz)$/.test(type.name) &&
    WRITTEN.test(foldName(name))
  );
}

/** Returns the type of a column that no constraint limits and no key has. */
function freeType({ columns, keys, checks }: Target, name: string): TargetType | undefined {
  const column = columns.find((each) => each.name === name);
  const limited =
    keys.some((key) => key.columns.includes(name)) || checks.some((check) => check.columns.includes(name));
  return column?.type.domain === null && !limited ? column.type : undefined;
}
