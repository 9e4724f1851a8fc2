/**
 * The table that a file is loaded into, as PostgreSQL's catalog describes it. Plain data: it is stored with the job,
 * sent to the reading thread and returned by the API. It contains only facts from the catalog; a spec adds csvjobs' own
 * rules.
 */
import { z } from 'zod';

/** A table by schema and name, exactly as in the catalog: no quotes, no case folding. */
export const tableNameSchema = z.object({ schema: z.string(), name: z.string() });
export type TableName = z.infer<typeof tableNameSchema>;

/** Kinds of relations that can take rows (pg_class.relkind). */
export const RELATION_KINDS = ['table', 'partitioned table', 'view', 'foreign table'] as const;

/** Kinds of a column's type (pg_type.typtype, with arrays as a separate kind). */
export const TYPE_KINDS = ['base', 'enum', 'array', 'composite', 'range', 'multirange', 'pseudo'] as const;

/** A type within another one, under all domains. Jobs of earlier versions have no parts of parts. */
export interface PartType {
  name: string;
  labels?: string[] | undefined;
  system: boolean;
  typmod: number;
  attributes?: PartType[] | undefined;
  item?: PartType | undefined;
  bound?: PartType | undefined;
}

const partTypeSchema: z.ZodType<PartType> = z
  .object({
    name: z.string().describe('from pg_type'),
    labels: z.array(z.string()).optional().describe('of an enum: its labels in order'),
    system: z.boolean(),
    typmod: z.int(),
    get attributes() {
      return z.array(partTypeSchema).optional().describe('of a composite type, in order');
    },
    get item() {
      return lazyPart.optional().describe('of an array: the type of its elements');
    },
    get bound() {
      return lazyPart.optional().describe('of a user-defined range or multirange');
    },
  })
  .meta({ id: 'PartType', description: 'A type within another one, under all domains' });

/** In the description of the API, an optional schema is a reference to a schema within itself only if it is lazy. */
const lazyPart = z.lazy(() => partTypeSchema);

export const targetTypeSchema = z.object({
  sql: z.string().describe('as PostgreSQL writes it, with its modifier: numeric(12,2)'),
  base: z.string().describe('the same for the type under all domains'),
  kind: z.enum(TYPE_KINDS).describe('of the type under all domains'),
  name: z.string().describe('the type under all domains, from pg_type: numeric, int4, text'),
  system: z
    .boolean()
    .describe('the type under all domains is built into PostgreSQL, not defined by a user or an extension'),
  extension: z.string().optional().describe('the extension that the type under all domains belongs to'),
  typmod: z.int().describe('its modifier in the form of pg_attribute.atttypmod; -1 for none'),
  element: z.string().nullable().describe('of an array: the type of its elements, from pg_type'),
  labels: z.array(z.string()).nullable().describe('of an enum: its labels in order'),
  domain: z
    .object({
      notNull: z.boolean(),
      checks: z.array(z.string()).describe('expressions, innermost domain first'),
      refusesNull: z
        .literal(true)
        .optional()
        .describe('a check refuses NULL; known only for columns without a default'),
    })
    .nullable()
    .describe('requirements of the domains of the column; null for a column without a domain'),
  attributes: z.array(partTypeSchema).optional().describe('of a composite type, in order'),
  item: lazyPart
    .optional()
    .describe(
      'of an array of a domain, an enum, a composite type or a user-defined range: the type of its elements, under all domains',
    ),
  bound: lazyPart
    .optional()
    .describe('of a user-defined range or multirange: the type of its bounds, under all domains'),
  timesInside: z
    .literal(true)
    .optional()
    .describe(
      'for a user-defined type with a timestamptz somewhere in its values: composite types, and their arrays and ranges',
    ),
});
export type TargetType = z.infer<typeof targetTypeSchema>;

/** Types of columns of the tables in which a spec looks up values, by table (`writeTableName`) and column. */
export type KeyTypes = Readonly<Record<string, Readonly<Record<string, TargetType>>>>;

export const targetColumnSchema = z.object({
  name: z.string(),
  type: targetTypeSchema,
  notNull: z.boolean(),
  default: z.string().nullable().describe('the expression of its default; null if it has none'),
  identity: z.enum(['always', 'by default']).nullable(),
  generated: z.enum(['stored', 'virtual']).nullable(),
  insertable: z
    .boolean()
    .describe(
      'this role may insert into it, and it accepts a value: not if it is generated, or an identity with GENERATED ALWAYS',
    ),
  collation: z.string().nullable().describe('quoted; only if it differs from that of its type'),
  comment: z.string().nullable(),
});
export type TargetColumn = z.infer<typeof targetColumnSchema>;

export const keyPartSchema = z.object({
  column: z.string().nullable().describe('null for an expression'),
  expression: z
    .string()
    .describe('the column, quoted if necessary, or the expression; with its collation if it has one'),
  deterministic: z
    .boolean()
    .describe('values are equal only if their bytes are (pg_collation.collisdeterministic)'),
});

/** A unique index, which identifies a row. */
export const targetKeySchema = z.object({
  name: z.string().describe('of its index'),
  primary: z.boolean(),
  parts: z.array(keyPartSchema).min(1),
  columns: z.array(z.string()).describe('all columns that its parts and its predicate use'),
  partColumns: z
    .array(z.string())
    .optional()
    .describe('of a partial index: the columns that its parts use, without those of its predicate'),
  predicate: z.string().nullable().describe('of a partial index'),
  nullsNotDistinct: z.boolean(),
  deferrable: z.boolean(),
});
export type TargetKey = z.infer<typeof targetKeySchema>;

export const targetCheckSchema = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  expression: z.string(),
  enforced: z.boolean().describe('false for NOT ENFORCED, which PostgreSQL does not check'),
});

export const targetForeignKeySchema = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  references: tableNameSchema,
  referencedColumns: z.array(z.string()),
  match: z.enum(['simple', 'full', 'partial']),
  enforced: z.boolean(),
  deferrable: z.boolean(),
  period: z
    .literal(true)
    .optional()
    .describe('the last column is a PERIOD: the referenced rows together must cover it'),
});

export type TargetForeignKey = z.infer<typeof targetForeignKeySchema>;

/** EXCLUDE, and keys WITHOUT OVERLAPS: only PostgreSQL can say which rows collide. */
export const targetExclusionSchema = z.object({ name: z.string(), definition: z.string() });

export const targetTriggerSchema = z.object({
  name: z.string(),
  timing: z.enum(['before', 'after', 'instead of']),
  level: z.enum(['row', 'statement']),
  events: z.array(z.enum(['insert', 'update', 'delete', 'truncate'])),
});

/** A right that a rule of the table needs and the database role lacks. */
export const missingRightSchema = z.object({
  rule: z
    .enum(['default', 'generated', 'check', 'index', 'partitioning', 'trigger'])
    .describe('what needs it; a default only if the file does not fill its column'),
  name: z.string().describe('of the column, constraint, index, partitioned table or trigger'),
  right: z.enum(['USAGE', 'EXECUTE']),
  object: z.string().describe('what the right is on, quoted for SQL: sequence "shop"."orders_id_seq"'),
  grant: z.string().describe('the statement with which the owner of the object can grant it'),
});
export type MissingRight = z.infer<typeof missingRightSchema>;

export const targetSchema = z.object({
  table: tableNameSchema,
  kind: z.enum(RELATION_KINDS),
  columns: z.array(targetColumnSchema),
  keys: z.array(targetKeySchema),
  checks: z.array(targetCheckSchema),
  foreignKeys: z.array(targetForeignKeySchema),
  exclusions: z.array(targetExclusionSchema),
  triggers: z.array(targetTriggerSchema).describe('enabled triggers of the table and of all its partitions'),
  rules: z.array(z.string()).describe('rewrite rules by name: INSERT follows them, COPY does not'),
  rowSecurity: z.boolean().describe('row security is active for this role'),
  partitionKey: z.string().nullable(),
  missingRights: z
    .array(missingRightSchema)
    .min(1)
    .optional()
    .describe('rights that rules of the table need and this role lacks; left out if it lacks none'),
  deniedColumns: z
    .object({ names: z.array(z.string()).min(1), role: z.string().describe('this role') })
    .optional()
    .describe(
      'columns that accept values, into which this role may not insert; left out if there are none, and by earlier versions',
    ),
  fingerprint: z
    .string()
    .length(64)
    .describe('SHA-256 of all of the above except the privileges of this role'),
  definitions: z
    .string()
    .length(64)
    .optional()
    .describe(
      'SHA-256 of the definitions of triggers, rules and policies, and of all functions that the table calls; a dry run is valid as long as it is the same',
    ),
});
export type Target = z.infer<typeof targetSchema>;
