/** Which tables take rows from files at all. */
import type { TableName } from '@csvjobs/shared';

/** The tables that csvjobs keeps for itself, beside `customers`. */
export const OWN_TABLES: readonly string[] = [
  'api_tokens',
  'daemons',
  'database_identity',
  'job_errors',
  'jobs',
  'pgmigrations',
];

/**
 * Whether files may be loaded into a table: never into PostgreSQL's own schemas, never into csvjobs' own tables.
 * @param ownSchema the schema of csvjobs' own tables
 */
export function mayLoadInto({ schema, name }: TableName, ownSchema: string): boolean {
  if (/^pg_/.test(schema) || schema === 'information_schema') return false;
  return schema !== ownSchema || !OWN_TABLES.includes(name);
}
