/** Tables: those that can be loaded into, and new ones. */
import {
  createdTableSchema,
  newTableSchema,
  paths,
  tableDescriptionSchema,
  tableListSchema,
  tablesQuerySchema,
} from '@csvjobs/shared';
import { z } from 'zod';
import { type Call, json } from './call.js';

const TableDescription = tableDescriptionSchema.meta({
  id: 'TableDescription',
  description: 'A table as PostgreSQL describes it, and the equivalent spec.',
});

export const TABLE_CALLS: readonly Call[] = [
  {
    operationId: 'listTables',
    method: 'get',
    path: paths.tables,
    summary: 'List the tables that this token may load into',
    scope: 'read',
    request: { query: tablesQuerySchema },
    answers: {
      200: {
        description:
          'A page, by schema and name: tables, views and foreign tables with at least one column that the role of the daemon may insert into, and tables whose rows it may update; no partitions. The header Link says whether more follow.',
        content: json(tableListSchema),
        headers: z.object({ Link: z.string().optional().describe('RFC 8288: the next page, as rel="next"') }),
      },
    },
  },
  {
    operationId: 'describeTable',
    method: 'get',
    path: paths.table(':table'),
    summary: 'Describe a table: columns, keys, checks, foreign keys, triggers, and the equivalent spec',
    scope: 'read',
    request: {
      params: z.object({
        table: z
          .string()
          .describe(
            'its name as in SQL, URL-encoded: sales.orders, "My Table"; without a schema it is looked up in the schema of csvjobs, then in all',
          ),
      }),
    },
    answers: { 200: { description: 'The table.', content: json(TableDescription) } },
    problems: [
      'table_name_invalid',
      'table_not_found',
      'table_ambiguous',
      'table_not_allowed',
      'table_no_rights',
      'table_takes_no_rows',
    ],
  },
  {
    operationId: 'createTable',
    method: 'post',
    path: paths.tables,
    summary: 'Create a table from its columns; csvjobs create-table proposes them from a file',
    scope: 'admin',
    request: { body: { required: true, content: json(newTableSchema) } },
    answers: { 201: { description: 'The table that was created.', content: json(createdTableSchema) } },
    problems: ['not_json', 'table_exists', 'schema_not_found', 'table_not_allowed', 'table_no_rights'],
  },
];
