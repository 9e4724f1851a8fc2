/** `csvjobs tables`: lists the tables that this token may load into. */
import type { TableSummary } from '@csvjobs/shared';
import { writeTableName } from '@csvjobs/shared/rules';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { type Cell, type Column, table } from '../text/table.js';
import { clean, count, toJson } from '../text/text.js';

const COLUMNS: readonly Column[] = [
  { title: 'TABLE', flexible: { min: 16 } },
  { title: 'KIND', drop: 2 },
  { title: 'ROWS', align: 'right', drop: 3 },
  { title: 'KEY', drop: 1 },
];

export async function tables(context: Context): Promise<ExitCode> {
  const { out, err, json, quiet } = context;
  const found = await (await context.client()).tables();
  if (json) out.line(toJson(found, out.tty ? 2 : undefined));
  else if (found.length > 0) out.line((quiet ? found.map(nameOf) : await lines(context, found)).join('\n'));
  else if (!quiet)
    err.line(
      `There are no tables that this token may load into.
For a table that you expect here, csvjobs describe <table> says what is missing: an entry in TARGET_TABLES, another token, or a GRANT.`,
    );
  return EXIT.done;
}

async function lines({ out }: Context, found: readonly TableSummary[]): Promise<string[]> {
  const { paint, columns } = out;
  const rows = found.map(({ kind, rowEstimate, key, ...name }): Cell[] => [
    { text: nameOf(name), paint: paint.bold },
    { text: kind },
    // An estimate from statistics, never exact to the row.
    { text: rowEstimate === null ? '?' : `~${count(rowEstimate)}` },
    { text: clean(key?.join(', ') ?? '-') },
  ]);
  return table(COLUMNS, rows, columns, paint.dim);
}

function nameOf(name: Pick<TableSummary, 'schema' | 'name'>): string {
  return clean(writeTableName(name));
}
