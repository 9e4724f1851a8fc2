/**
 * Tables: those that a caller may load into, the description of one, and a new one from a description of its
 * columns.
 */
import {
  type CreatedTable,
  isCustomers,
  loadableCustomers,
  newTableSchema,
  paths,
  readNewTableName,
  readWrittenTable,
  specOf,
  specOfCustomers,
  type TableDescription,
  tablesQuerySchema,
  writeTableName,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { readTargetSoon } from '../sql/target/catalog.js';
import { createTable } from '../sql/target/createTable.js';
import { listTables } from '../sql/target/tables.js';
import { assertAllowed } from './assertAllowed.js';
import type { AppDeps } from './deps.js';
import { findTable } from './findTable.js';
import { jsonBody } from './jsonBody.js';
import { refuse } from './problems.js';

/** 1,600 columns with names of 63 bytes, each of which may take six bytes in JSON. */
const MAX_BODY_BYTES = 1024 * 1024;

export function tableRoutes(
  router: Router,
  { pool, tables, log }: Pick<AppDeps, 'pool' | 'tables' | 'log'>,
): void {
  router.get(paths.tables, async (ctx) => {
    const { limit, after } = pageOf(ctx);
    const allows = (table: { schema: string; name: string }) =>
      tables.refusal(ctx.state.caller, table) === undefined;
    const page = await listTables(pool, { after, limit, allows });
    const last = page.tables.at(-1);
    if (page.more && last) ctx.set('Link', `<${nextPage(ctx, writeTableName(last))}>; rel="next"`);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = page.tables;
  });

  router.get(paths.table(':table'), async (ctx) => {
    const text = ctx.params.table ?? '';
    const found = await findTable(pool, tables, ctx.state.caller, text, 'unknown');
    const target = await readTargetSoon(pool, found);
    if (!target)
      throw refuse('table_not_found', `the table ${writeTableName(found)} was dropped at the same moment`);
    const described =
      target.table.schema === tables.home && isCustomers(target)
        ? { ...loadableCustomers(target), spec: specOfCustomers(target) }
        : { ...target, spec: specOf(target) };
    const body: TableDescription = { ...described, rowEstimate: found.rowEstimate };
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  });

  // For admins. It accepts no SQL from outside.
  router.post(paths.tables, async (ctx) => {
    const { table: written, columns, key } = await jsonBody(ctx, newTableSchema, MAX_BODY_BYTES);
    const { schema = tables.home, name } = readNewTableName(written)!;
    const table = { schema, name };
    assertAllowed(tables, ctx.state.caller, table);
    await createTable(pool, { table, columns, key });
    log.info({ requestId: ctx.state.requestId, table, columns: columns.length }, 'table created');
    const body: CreatedTable = { table };
    ctx.status = 201;
    ctx.body = body;
  });
}

/** @throws {Failure} `bad_request` if the query is not a valid page of tables */
function pageOf({ query }: Context): { limit: number; after: { schema: string; name: string } | undefined } {
  const parsed = tablesQuerySchema.safeParse(query);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw refuse('bad_request', wrong.join('; '));
  }
  const { limit, cursor } = parsed.data;
  return { limit, after: cursor === undefined ? undefined : readCursor(cursor) };
}

function nextPage(ctx: Context, last: string): string {
  const query = new URLSearchParams(ctx.querystring);
  query.set('cursor', Buffer.from(last).toString('base64url'));
  return `${paths.tables}?${query}`;
}

/** The last table of the previous page, as `writeTableName` writes it. @throws {Failure} `bad_request` */
function readCursor(cursor: string): { schema: string; name: string } {
  const last = readWrittenTable(Buffer.from(cursor, 'base64url').toString());
  if (!last) {
    throw refuse('bad_request', 'the cursor is not from a Link header of this list');
  }
  return last;
}
