/** Tables, for admins: make one from a description of its columns. No SQL comes from outside. */
import { type CreatedTable, newTableSchema, paths, readNewTableName } from '@csvjobs/shared';
import type Router from 'koa-router';
import { mayLoadInto } from '../access/mayLoadInto.js';
import { createTable } from '../sql/target/createTable.js';
import type { AppDeps } from './deps.js';
import { jsonBody } from './jsonBody.js';

/** 1,600 columns with names of 63 bytes, each of which JSON may write with six. */
const MAX_BODY_BYTES = 1024 * 1024;

export function tableRoutes(router: Router, { pool, log }: Pick<AppDeps, 'pool' | 'log'>): void {
  router.post(paths.tables, async (ctx) => {
    const { table: written, columns, key } = await jsonBody(ctx, newTableSchema, MAX_BODY_BYTES);
    const { schema = 'public', name } = readNewTableName(written)!;
    const table = { schema, name };
    await mayLoadInto(pool, table);
    await createTable(pool, { table, columns, key });
    log.info({ requestId: ctx.state.requestId, table, columns: columns.length }, 'table created');
    const body: CreatedTable = { table };
    ctx.status = 201;
    ctx.body = body;
  });
}
