/** Tables: what a caller may load into, and what one of them is like. */
import {
  paths,
  readWrittenTable,
  specOf,
  type TableDescription,
  tablesQuerySchema,
  writeTableName,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { readTarget } from '../sql/target/catalog.js';
import { listTables } from '../sql/target/tables.js';
import type { AppDeps } from './deps.js';
import { findTable } from './findTable.js';
import { refuse } from './problems.js';

export function tableRoutes(router: Router, { pool, tables }: Pick<AppDeps, 'pool' | 'tables'>): void {
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
    const found = await findTable(pool, tables, ctx.state.caller, text);
    const target = await readTarget(pool, found);
    if (!target)
      throw refuse('table_not_found', `the table ${writeTableName(found)} was dropped at the same moment`);
    const body: TableDescription = { ...target, rowEstimate: found.rowEstimate, spec: specOf(target) };
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  });
}

/** @throws {Failure} `bad_request` for what is no page of tables */
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

/** The last table of the page before, as `writeTableName` writes it. @throws {Failure} `bad_request` */
function readCursor(cursor: string): { schema: string; name: string } {
  const last = readWrittenTable(Buffer.from(cursor, 'base64url').toString());
  if (!last) {
    throw refuse('bad_request', 'the cursor is not one that a Link header of this list has given');
  }
  return last;
}
