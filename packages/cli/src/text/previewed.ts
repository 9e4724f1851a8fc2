/**
 * The records of a preview as lines: a table if it fits the terminal, otherwise a block for each record. Changed values
 * are shown as `old → new`; the faults of a rejected record follow it.
 */
import type { Preview, PreviewedRecord, RecordFate } from '@csvjobs/shared';
import { ownValue } from '@csvjobs/shared/rules';
import { cutMiddle, type Measure } from './cut.js';
import type { Paint } from './paint.js';
import { type Cell, type Column, tableLines, widthOf } from './table.js';
import { clean } from './text.js';
import { wrapped } from './wrap.js';

/** Maximum width of a value in a table on a terminal, in cells. */
const WIDEST_CELL = 32;
/** Maximum width of a column's name in a block, in cells. */
const WIDEST_NAME = 20;

/** @param width columns of the terminal; undefined in a pipe, where nothing is cut */
export async function previewLines(
  preview: Preview,
  width: number | undefined,
  paint: Paint,
): Promise<string[]> {
  const columns = shownColumns(preview);
  const cells = preview.records.map((record) => columns.map((column) => cellOf(record, column, paint)));
  const measure = await widthOf([
    ...columns.map(clean),
    ...cells.flatMap((row) => row.map(({ text }) => text)),
    ...preview.records.map(({ error }) => clean(error?.message ?? '')),
  ]);
  const faults = await Promise.all(preview.records.map((record) => faultLines(record, width, paint)));
  const drawn = { preview, columns, cells, faults, paint, measure };
  return asTable(drawn, width) ?? asBlocks(drawn, width!);
}

interface Drawn {
  preview: Preview;
  columns: readonly string[];
  cells: readonly (readonly Cell[])[];
  /** The faults of each record, as lines. */
  faults: readonly (readonly string[])[];
  paint: Paint;
  measure: Measure;
}

/** Returns undefined if the terminal is too narrow. */
function asTable({ preview, columns, cells, faults, paint, measure }: Drawn, width: number | undefined) {
  const titles: Column[] = [{ title: 'row', align: 'right' }, { title: '' }, ...columns.map(titleOf)];
  const rows = preview.records.map((record, at): Cell[] => [
    { text: String(record.rowNumber) },
    fateOf(record.fate, paint),
    ...cells[at]!.map((cell) => (width === undefined ? cell : narrowed(cell, WIDEST_CELL, measure))),
  ]);
  const [title, ...lines] = tableLines(titles, rows, undefined, paint.bold, measure);
  const widths = [titles.map(({ title: text }) => ({ text })), ...rows];
  const needed = titles.reduce(
    (sum, _, at) => sum + Math.max(...widths.map((row) => measure(row[at]!.text))),
    2 * (titles.length - 1),
  );
  if (width !== undefined && needed > width) return undefined;
  return [title!.trimEnd(), ...lines.flatMap((line, at) => [line.trimEnd(), ...faults[at]!])];
}

function titleOf(name: string): Column {
  return { title: clean(name) };
}

function asBlocks({ preview, columns, cells, faults, paint, measure }: Drawn, width: number): string[] {
  return preview.records.flatMap((record, at) => {
    const fate = fateOf(record.fate, paint);
    const heading = `${paint.bold(`row ${record.rowNumber}`)}  ${fate.paint!(fate.text)}`;
    const shown = cells[at]!.flatMap((cell, place) =>
      cell.text === '' ? [] : [{ name: clean(columns[place]!), cell }],
    );
    const names = Math.min(WIDEST_NAME, Math.max(0, ...shown.map(({ name }) => measure(name))));
    const values = shown.map(({ name, cell }) => {
      const cut = cutMiddle(name, names, measure);
      const { text, paint: color = (same: string) => same } = narrowed(cell, width - names - 4, measure);
      return `  ${cut}${' '.repeat(names - measure(cut))}  ${color(text)}`;
    });
    const gap = at === 0 ? [] : [''];
    return [...gap, heading, ...values, ...faults[at]!];
  });
}

async function faultLines(
  { error }: PreviewedRecord,
  width: number | undefined,
  paint: Paint,
): Promise<string[]> {
  if (!error) return [];
  const indent = '  ✗ ';
  const lines = await wrapped(clean(error.message), width && Math.max(1, width - indent.length));
  return lines.map((line, at) => paint.red((at === 0 ? indent : ' '.repeat(indent.length)) + line));
}

const FATE_PAINT: Record<RecordFate, keyof Paint> = {
  inserted: 'green',
  updated: 'cyan',
  unchanged: 'dim',
  skipped: 'dim',
  rejected: 'red',
};

function fateOf(fate: RecordFate, paint: Paint): Cell & { paint: (text: string) => string } {
  return { text: fate, paint: paint[FATE_PAINT[fate]] };
}

/**
 * Returns the cell of a value. In an updated record it includes the earlier value if that differs. NULL is empty, an
 * empty text `""`.
 */
function cellOf(
  { values, before, generated, stored, error }: PreviewedRecord,
  column: string,
  paint: Paint,
): Cell {
  if (generated.includes(column)) return { text: 'generated', paint: paint.dim };
  // In a record that was not stored, an empty text is an empty field.
  const value = stored ? shown(ownValue(values, column)) : clean(ownValue(values, column) ?? '');
  const blamed = error?.column === column || error?.reasons?.some((reason) => reason.column === column);
  if (blamed) return { text: value === '' ? '✗' : value, paint: paint.red };
  if (before === null || ownValue(before, column) === ownValue(values, column)) return { text: value };
  const none = (text: string) => (text === '' ? 'null' : text);
  return { text: `${none(shown(ownValue(before, column)))} → ${none(value)}`, paint: paint.cyan };
}

function shown(value: string | null | undefined): string {
  if (value === '') return '""';
  return clean(value ?? '');
}

/**
 * Returns the table's columns that have a value in any of the records, in the table's order, then any other names that
 * a record has because it could not be split into fields.
 */
function shownColumns({ columns, records }: Preview): string[] {
  const names = columns.map(({ name }) => name);
  const others = new Set(records.flatMap(({ values }) => Object.keys(values)));
  const hasValue = (name: string) =>
    records.some(
      ({ values, before, generated, error }) =>
        ownValue(values, name) != null ||
        ownValue(before, name) != null ||
        generated.includes(name) ||
        error?.column === name,
    );
  return [...names, ...[...others].filter((name) => !names.includes(name))].filter(hasValue);
}

function narrowed(cell: Cell, most: number, measure: Measure): Cell {
  return { ...cell, text: cutMiddle(cell.text, most, measure) };
}
