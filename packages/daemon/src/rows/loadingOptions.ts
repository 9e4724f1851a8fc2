/** Finds command line options that would load a file whose header was refused. */
import { conceptOf, shownSource, type Target } from '@csvjobs/shared';
import { fieldReference } from './columnSources.js';
import { firmOptions, swappedNames } from './firms.js';
import { ambiguousIn, type FoundHeader } from './headerWords.js';
import { likelyFields } from './likelyFields.js';

/**
 * Returns options, as words of a command line: a field for each column that lacks one, or a value for every row.
 * Returns undefined if a column can have neither: a key cannot have the same value twice, and only texts can be
 * invented.
 */
export function loadingOptions(target: Target, header: FoundHeader): string[] | undefined {
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
    mapping.missing.map((column) => [column, likelyFields(column, cells, header, used)]),
  );
  const swapped = fields.has('company') && swappedNames(header, fields.get('company')?.[0]);
  if (swapped) {
    fields.set('company', [swapped.company]);
    options.push('--map', `name=${shownSource(swapped.name, 'blank')}`);
  }
  for (const column of mapping.missing) {
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
    else return undefined;
  }
  return options.length === 0 || (header.empty && !options.includes('--map')) ? undefined : options;
}

/** Returns an option that gives records without a company a value, if the table's column accepts any text. */
export function companyDefault(target: Target): string[] {
  const company = target.columns.find(({ name }) => conceptOf(name) === 'company')?.name;
  return company !== undefined && takesAnyText(target, company) ? ['--default', `${company}=Unknown`] : [];
}

/** Whether a column accepts any text: it has no constraint that an invented value could violate, and is in no key. */
function takesAnyText({ columns, keys, checks }: Target, name: string): boolean {
  const column = columns.find((each) => each.name === name);
  const limited =
    keys.some((key) => key.columns.includes(name)) || checks.some((check) => check.columns.includes(name));
  return column?.type.name === 'text' && column.type.domain === null && !limited;
}
