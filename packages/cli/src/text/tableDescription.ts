/** A table's description for people: its columns as a table, then everything else that affects its rows. */
import type { TableDescription, TargetColumn } from '@csvjobs/shared';
import { isRequired, rightsNeeded, sayMissingRights, writeTableName } from '@csvjobs/shared/rules';
import { cutMiddle, type Measure } from './cut.js';
import { folded } from './fold.js';
import type { Paint } from './paint.js';
import { type Cell, type Column, table, widthOf } from './table.js';
import { clean, plural, shellQuote } from './text.js';
import { wrapped } from './wrap.js';

const COLUMNS: readonly Column[] = [
  { title: 'COLUMN' },
  { title: 'TYPE', flexible: { min: 8 } },
  { title: 'NULL', drop: 1 },
  { title: 'DEFAULT', drop: 3 },
  { title: 'KEY', drop: 2 },
  { title: 'IN A FILE' },
];

/** Width of a default on a terminal, in cells; --json has the whole expression. */
const DEFAULT_CELLS = 24;

/** @param columns of the terminal; undefined in a pipe, where nothing is cut */
export async function describeTable(
  found: TableDescription,
  paint: Paint,
  columns: number | undefined,
): Promise<string[]> {
  const name = writeTableName(found.table);
  const lines = [...(await wrapped(headline(found), columns)).map(paint.bold), ''];
  lines.push(...(await columnLines(found, paint, columns)));
  for (const [title, entries] of sections(found)) {
    if (entries.length === 0) continue;
    lines.push('', paint.bold(title));
    for (const entry of entries) lines.push(...(await indented(clean(entry), columns)));
  }
  const spec = `Its spec: csvjobs describe ${shellQuote(name)} --spec`;
  // A command stays whole.
  lines.push('', columns === undefined ? spec : folded(spec, columns));
  return lines;
}

function headline({ table: name, kind, rowEstimate }: TableDescription): string {
  const rows = rowEstimate === null ? '' : `, about ${plural(rowEstimate, 'row')}`;
  return `${clean(writeTableName(name))} (${kind}${rows})`;
}

async function columnLines(
  found: TableDescription,
  paint: Paint,
  width: number | undefined,
): Promise<string[]> {
  const texts = found.columns.map((column) => ({
    name: clean(column.name),
    type: clean(column.type.sql),
    fallback: clean(fallbackOf(column)),
  }));
  const measure = await widthOf(texts.flatMap(({ name, fallback }) => [name, fallback]));
  // The type shrinks first. Names get half of a narrow terminal, because a file must have them.
  const room = width === undefined ? undefined : Math.floor((width - 'IN A FILE'.length - 4) / 2);
  const rows = found.columns.map((column, index): Cell[] => {
    const { name, type, fallback } = texts[index]!;
    return [
      { text: cut(name, room, measure) },
      { text: type },
      { text: column.notNull || column.type.domain?.notNull ? 'no' : 'yes' },
      { text: cut(fallback, width === undefined ? undefined : DEFAULT_CELLS, measure), paint: paint.dim },
      { text: keyMarks(found, column.name) },
      needOf(column, paint),
    ];
  });
  return table(COLUMNS, rows, width, paint.dim);
}

function cut(text: string, room: number | undefined, measure: Measure): string {
  return room === undefined ? text : cutMiddle(text, room, measure);
}

function fallbackOf({ default: fallback, identity, generated }: TargetColumn): string {
  if (identity !== null) return `identity ${identity}`;
  if (generated !== null) return `generated ${generated}`;
  return fallback ?? '-';
}

/** Triggers may fill any of these columns, which only the database knows. */
const NO_TRIGGERS = { triggers: [] };

/** Whether a file must, may or cannot have a column. */
function needOf(column: TargetColumn, paint: Paint): Cell {
  if (column.generated !== null || column.identity === 'always') return { text: 'never', paint: paint.dim };
  if (!column.insertable) return { text: 'no right', paint: paint.yellow };
  return isRequired(NO_TRIGGERS, column) ? { text: 'required', paint: paint.bold } : { text: 'optional' };
}

/** P for the primary key, U for another unique key, F for a foreign key. */
function keyMarks({ keys, foreignKeys }: TableDescription, column: string): string {
  const marks = new Set(
    keys
      .filter(({ parts }) => parts.some((part) => part.column === column))
      .map(({ primary }) => (primary ? 'P' : 'U')),
  );
  const foreign = foreignKeys.some(({ columns }) => columns.includes(column));
  return [...marks, ...(foreign ? ['F'] : [])].join(' ') || '-';
}

/** Everything else that affects rows, and comments. Sections without entries are left out. */
function sections(found: TableDescription): [title: string, entries: string[]][] {
  const { keys, checks, foreignKeys, exclusions, triggers, rules, partitionKey, rowSecurity, columns } =
    found;
  return [
    [
      'Unique keys',
      keys.map(({ name, primary, parts, predicate, nullsNotDistinct, deferrable }) =>
        [
          `${name}: ${primary ? 'primary key ' : ''}(${parts.map(({ expression }) => expression).join(', ')})`,
          ...(predicate === null ? [] : [`where ${predicate}`]),
          ...(nullsNotDistinct ? ['nulls not distinct'] : []),
          ...(deferrable ? ['deferrable'] : []),
        ].join(' '),
      ),
    ],
    ['Checks', checks.map(({ name, expression, enforced }) => `${name}: ${expression}${unless(enforced)}`)],
    [
      'Foreign keys',
      foreignKeys.map(
        (key) =>
          `${key.name}: (${key.columns.join(', ')}) in ${writeTableName(key.references)} (${key.referencedColumns.join(', ')})${unless(key.enforced)}`,
      ),
    ],
    ['Exclusions', exclusions.map(({ name, definition }) => `${name}: ${definition}`)],
    [
      'Triggers',
      [
        ...triggers.map(
          ({ name, timing, events, level }) => `${name}: ${timing} ${events.join(' or ')}, each ${level}`,
        ),
        ...(columns.some((column) => isRequired(NO_TRIGGERS, column) && !isRequired(found, column))
          ? ['a file may lack a required column if one of these triggers fills it']
          : []),
      ],
    ],
    ['Rules', rules],
    ['Partitioned by', partitionKey === null ? [] : [partitionKey]],
    ['Missing rights', missingRights(found)],
    ['Row security', rowSecurity ? ['active for the role of the daemon: policies may refuse rows'] : []],
    [
      'Comments',
      columns.flatMap(({ name, comment }) =>
        comment === null || comment === '' ? [] : [`${name}: ${comment}`],
      ),
    ],
  ];
}

/** What an upload says that needs them all, and for which files the defaults do not matter. */
function missingRights(found: TableDescription): string[] {
  const needed = rightsNeeded(found, []);
  const said = sayMissingRights(found, needed);
  const defaults = needed.filter(({ rule }) => rule === 'default').map(({ name }) => name);
  if (said === undefined) return [];
  if (defaults.length === 0) return [said];
  return [said, `a file that fills ${[...new Set(defaults)].join(', ')} needs no right for its default`];
}

function unless(enforced: boolean): string {
  return enforced ? '' : ' (not enforced)';
}

async function indented(text: string, width: number | undefined): Promise<string[]> {
  const [first = '', ...rest] = await wrapped(text, width === undefined ? undefined : width - 4);
  return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
}
