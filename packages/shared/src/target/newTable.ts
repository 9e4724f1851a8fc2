/** A table to create: its name, columns and key, never a statement. */
import { z } from 'zod';
import { isIdentifier, SYSTEM_COLUMNS, writeIdentifier } from './identifiers.js';
import { readTableName } from './tableName.js';
import { tableNameSchema } from './target.js';

/** The types that a new column may have, as written in the statement. */
export const NEW_COLUMN_TYPES = [
  'boolean',
  'integer',
  'bigint',
  'numeric',
  'double precision',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'jsonb',
  'text',
] as const;
export const newColumnTypeSchema = z.enum(NEW_COLUMN_TYPES);
export type NewColumnType = z.infer<typeof newColumnTypeSchema>;

/** PostgreSQL manual, appendix K: maximum number of columns in a table, and in a key. */
export const MOST_COLUMNS = 1_600;
export const MOST_KEY_COLUMNS = 32;

const identifierSchema = z
  .string()
  .refine(isIdentifier, 'must be 1 to 63 bytes of text without NUL')
  .describe('as it stands, without quotes');

const writtenTable = z
  .string()
  .refine(isTableName, 'must be a table, with its schema or without: sales.orders, "Sales"."Orders"')
  .describe('as in SQL: sales.orders, or "Sales"."Order Lines"; the default schema is public');

export const newTableSchema = z
  .strictObject({
    table: writtenTable,
    columns: z
      .array(z.strictObject({ name: identifierSchema, type: newColumnTypeSchema }))
      .min(1)
      .max(MOST_COLUMNS),
    key: z
      .array(identifierSchema)
      .max(MOST_KEY_COLUMNS)
      .default([])
      .describe('the primary key; default: none'),
  })
  .superRefine(({ columns, key }, context) => {
    const names = columns.map(({ name }) => name);
    const fault = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const [at, name] of names.entries()) {
      if (names.indexOf(name) < at) fault(['columns', at, 'name'], 'another column has this name');
      if (SYSTEM_COLUMNS.has(name))
        fault(['columns', at, 'name'], 'every table has a system column of this name');
    }
    for (const [at, name] of key.entries()) {
      if (!names.includes(name)) fault(['key', at], 'must be one of the columns');
      if (key.indexOf(name) < at) fault(['key', at], 'must be there once');
    }
  });
export type NewTable = z.infer<typeof newTableSchema>;

/** The answer for a table that was created. */
export const createdTableSchema = z.object({ table: tableNameSchema });
export type CreatedTable = z.infer<typeof createdTableSchema>;

/** The parts of a table's name as PostgreSQL reads them: unquoted parts in lower case. */
export interface NewTableName {
  schema: string | undefined;
  name: string;
}

/** Reads the name of a table to create. Returns undefined if it is not a name (see readTableName) or is too long. */
export function readNewTableName(text: string): NewTableName | undefined {
  const written = readTableName(text);
  if (written === undefined) return undefined;
  const [schema, name] = [written.schema, written.name].map(
    (part) => part && (part.quoted ? part.text : part.text.toLowerCase()),
  );
  if (!isIdentifier(name!) || (schema !== undefined && !isIdentifier(schema))) return undefined;
  return { schema, name: name! };
}

/** Writes the name as in a statement; `readNewTableName` reads it back. */
export function writeNewTableName({ schema, name }: NewTableName): string {
  return schema === undefined ? writeIdentifier(name) : `${writeIdentifier(schema)}.${writeIdentifier(name)}`;
}

/**
 * The statement that creates a table. Every name goes through `writeIdentifier`, and the types come from a fixed list.
 */
export function createTableStatement({
  table,
  columns,
  key,
}: {
  table: NewTableName;
  columns: readonly { name: string; type: NewColumnType }[];
  key: readonly string[];
}): string {
  const lines = columns.map(({ name, type }) => {
    const bare = `${writeIdentifier(name)} ${newColumnTypeSchema.parse(type)}`;
    return key.includes(name) ? `${bare} not null` : bare;
  });
  if (key.length > 0) lines.push(`primary key (${key.map(writeIdentifier).join(', ')})`);
  return `create table ${writeNewTableName(table)} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n);\n`;
}

function isTableName(text: string): boolean {
  return readNewTableName(text) !== undefined;
}
