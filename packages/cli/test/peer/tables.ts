/** The peer's tables: GET /api/tables, in pages of two, GET /api/tables/{table}, and POST /api/tables. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type NewTable,
  newTableSchema,
  readNewTableName,
  readTableName,
  specOf,
  type TableDescription,
  type TableSummary,
  type Target,
  type TargetColumn,
} from '@csvjobs/shared';
import { json, refuse } from './answers.js';

const PAGE = 2;

export function answerTables(tables: readonly TableDescription[], url: URL, response: ServerResponse): void {
  if (url.pathname === '/api/tables') {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    if (from + PAGE < tables.length)
      response.setHeader('link', `</api/tables?cursor=${from + PAGE}>; rel="next"`);
    json(response, 200, tables.slice(from, from + PAGE).map(summaryOf));
    return;
  }
  const name = decodeURIComponent(url.pathname.slice('/api/tables/'.length));
  const written = readTableName(name);
  const found = tables.find(
    ({ table }) =>
      table.name === written?.name.text && (written.schema ?? { text: table.schema }).text === table.schema,
  );
  if (found) json(response, 200, found);
  else refuse(response, 'table_not_found', `there is no table "${name}"`);
}

function summaryOf({ table, kind, rowEstimate, keys }: TableDescription): TableSummary {
  return { ...table, kind, rowEstimate, key: keys[0]?.columns ?? null };
}

/** The created ones. */
export class PeerTables {
  readonly made: NewTable[] = [];

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = newTableSchema.parse(JSON.parse(await text(request)));
    if (this.made.some(({ table }) => table === asked.table))
      return refuse(response, 'table_exists', `${asked.table} exists already.`);
    this.made.push(asked);
    const { schema = 'public', name } = readNewTableName(asked.table)!;
    return json(response, 201, { table: { schema, name } });
  }
}

/** A text column without rules, unless a test sets more. */
export function makeColumn(
  name: string,
  sql = 'text',
  { type, ...more }: Partial<Omit<TargetColumn, 'type'>> & { type?: Partial<TargetColumn['type']> } = {},
): TargetColumn {
  return {
    name,
    type: {
      sql,
      base: sql,
      kind: 'base',
      name: sql,
      system: true,
      typmod: -1,
      element: null,
      labels: null,
      domain: null,
      ...type,
    },
    notNull: false,
    default: null,
    identity: null,
    generated: null,
    insertable: true,
    collation: null,
    comment: null,
    ...more,
  };
}

/** A table without rules, unless a test sets more. */
export function makeTable(
  schema: string,
  name: string,
  more: Partial<TableDescription> = {},
): TableDescription {
  const target: Target = {
    table: { schema, name },
    kind: 'table',
    columns: [makeColumn('a')],
    keys: [],
    checks: [],
    foreignKeys: [],
    exclusions: [],
    triggers: [],
    rules: [],
    rowSecurity: false,
    partitionKey: null,
    fingerprint: 'f'.repeat(64),
    ...more,
  };
  return { rowEstimate: null, spec: specOf(target), ...target };
}
