/** Tables that files are loaded into. */
import { createdTableSchema, newTableSchema, paths } from '@csvjobs/shared';
import { type Call, json } from './call.js';

export const TABLE_CALLS: readonly Call[] = [
  {
    method: 'post',
    path: paths.tables,
    summary: 'Create a table from its columns; csvjobs create-table proposes them from a file',
    scope: 'admin',
    request: { body: { required: true, content: json(newTableSchema) } },
    answers: { 201: { description: 'The table that was created.', content: json(createdTableSchema) } },
    problems: ['not_json', 'table_exists', 'schema_not_found', 'table_forbidden'],
  },
];
