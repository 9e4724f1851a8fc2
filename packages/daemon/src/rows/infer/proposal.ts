/** Proposes a table for a file, from its header and the surveys of its columns. */
import {
  createTableStatement,
  type NewTableName,
  type Proposal,
  type ProposedColumn,
  writeNewTableName,
} from '@csvjobs/shared';
import { kindOf } from './classify.js';
import { type NamedColumn, nameColumns } from './columnNames.js';
import type { ColumnSurvey } from './columnSurvey.js';
import { has, INT4, KINDS, OTHER } from './kinds.js';
import { groupedSentence, noValuesSentence, shownName, whyTextSentence } from './sentences.js';
import { quotedOnOneLine } from './shownValue.js';
import { type KeyColumn, keyOf } from './tableKey.js';
import { type ColumnVerdict, verdictOn } from './verdict.js';

export interface ProposalRequest {
  table: NewTableName;
  /** Columns of the primary key, by name or header. */
  key: readonly string[];
  /** Keep the names of the header. */
  exactNames: boolean;
}

/**
 * Proposes a table. A field without a name in the header becomes a column only if it has values.
 * @param cells of the header, trimmed
 * @param surveys by position; may be more than the header's cells
 * @throws {Unfit} if the requested key does not fit
 */
export function propose(
  cells: readonly string[],
  surveys: readonly ColumnSurvey[],
  { table, key: asked, exactNames }: ProposalRequest,
): Pick<Proposal, 'table' | 'columns' | 'key' | 'ddl' | 'notices'> {
  const positions = [...surveys.keys()].filter((at) => (cells[at] ?? '') !== '' || surveys[at]!.kinds !== 0);
  const names = nameColumns(cells, positions, { exact: exactNames });
  const verdicts = names.map(({ position, header }) => verdictOn(surveys[position]!, header));
  const keyColumns = names.map(
    (named, at): KeyColumn => ({
      ...named,
      survey: surveys[named.position]!,
      isText: verdicts[at]!.type === 'text',
    }),
  );
  const key = keyOf(asked, keyColumns);
  const repeated = sameHeaders(names);
  // Fields without a name at the end of a header cannot be named by their position either.
  const last = cells.findLastIndex((cell) => cell !== '');
  const fieldOf = ({ found, header, position }: NamedColumn) =>
    (!found || repeated.has(header)) && position <= last ? `#${position + 1}` : undefined;
  const columns = names.map((named, at) => proposed(named, verdicts[at]!, key, fieldOf(named)));
  const reasons = reasonSentences(names, verdicts);
  const statement = createTableStatement({ table, columns, key });
  return {
    table: writeNewTableName(table),
    columns,
    key,
    ddl: reasons.map((reason) => `-- ${reason}\n`).join('') + statement,
    notices: [...headerNotices(names), ...reasons, ...keyNotices(key)],
  };
}

function proposed(
  { name, header }: NamedColumn,
  { type, reason }: ColumnVerdict,
  key: string[],
  field: string | undefined,
): ProposedColumn {
  return {
    name,
    header,
    type,
    // A later file may lack values that this one has, but not in the key.
    nullable: !key.includes(name),
    odd: reason?.why === 'odd' ? reason.odd : null,
    ...(field !== undefined && { field }),
  };
}

function reasonSentences(names: readonly NamedColumn[], verdicts: readonly ColumnVerdict[]): string[] {
  const withoutValues: string[] = [];
  const sentences = names.flatMap(({ name }, at) => {
    const { reason, grouped } = verdicts[at]!;
    if (grouped !== undefined) return [groupedSentence(name, grouped)];
    if (reason === undefined) return [];
    if (reason.why !== 'no_values') return [whyTextSentence(name, reason)];
    withoutValues.push(name);
    return [];
  });
  return withoutValues.length === 0 ? sentences : [...sentences, noValuesSentence(withoutValues)];
}

function headerNotices(names: readonly NamedColumn[]): string[] {
  const data = names.find(({ header }) => looksLikeData(header));
  const notices = data
    ? [`the first line is taken for the header, but ${quotedOnOneLine(data.header)} in it looks like a value`]
    : [];
  const repeated = sameHeaders(names);
  for (const [header, same] of repeated)
    notices.push(
      `${same.length} columns are called ${quotedOnOneLine(header)} (here ${same.map(shownName).join(', ')}): a load refuses the file until each has a name of its own`,
    );
  for (const { found, header, name, position } of names) {
    if (found || repeated.has(header)) continue;
    notices.push(
      header === ''
        ? `column ${position + 1} has no name: a load ignores it until the header calls it ${shownName(name)}`
        : `${quotedOnOneLine(header)} is the column ${shownName(name)}, which a load does not find by this header: rename it in the file, or name it in a spec (csvjobs.aliases)`,
    );
  }
  return notices;
}

/** Returns the names of columns whose header is not unique, by header. */
function sameHeaders(names: readonly NamedColumn[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { header, name } of names)
    if (header !== '') groups.set(header, [...(groups.get(header) ?? []), name]);
  return new Map([...groups].filter(([, same]) => same.length > 1));
}

function looksLikeData(header: string): boolean {
  const bytes = Buffer.from(header);
  if (bytes.length === 0) return false;
  const kind = kindOf(bytes, 0, bytes.length);
  return has(VALUE_KINDS, kind);
}

/** All kinds except words: `on` and `T` may be names. */
const VALUE_KINDS = Array.from({ length: KINDS }, (_, kind) => kind)
  .filter((kind) => kind >= INT4 && kind !== OTHER)
  .reduce((set, kind) => set | (1 << kind), 0);

function keyNotices(key: readonly string[]): string[] {
  if (key.length === 0) return [];
  return [
    `key ${key.map(shownName).join(', ')}: not looked through for duplicates; a load rejects rows that repeat it`,
  ];
}
