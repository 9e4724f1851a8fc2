/** Finds the table that a caller means by a name, or says why it cannot be loaded into. */
import {
  foldName,
  isMisspelt,
  quoteIdentifier,
  quoteTableName,
  readNewTableName,
  readTableName,
  shellWord,
  type TableName,
  type WrittenName,
  type WrittenPart,
  writeTableName,
} from '@csvjobs/shared';
import type { Caller } from '../access/access.js';
import type { TableAccess } from '../access/tables.js';
import type { Failure } from '../failure.js';
import { homeSchemas } from '../sql/home.js';
import type { Db } from '../sql/pool.js';
import { FURTHER_RIGHTS } from '../sql/target/modeRights.js';
import { usageDenied } from '../sql/target/schemaRights.js';
import { listTables, type NamedRelation, relationsNamed } from '../sql/target/tables.js';
import { refuse } from './problems.js';

/** Maximum number of names in a message: the rest is in GET /api/tables. */
const SHOWN = 3;
/** Maximum number of tables compared with a misspelt name. */
const COMPARED = 10_000;

/**
 * Finds a table by its name as people write it (`sales.orders`, `"My Table"`). A name without a schema is
 * looked up in the search path, then in all schemas. A table that the caller may not load into gets the same answer
 * as a missing table of that name, so no answer reveals which tables exist.
 * @param writes what the file's rows do to it
 * @throws {Failure} `table_name_invalid`, `table_not_allowed`, `table_not_found` with the names that may be
 * meant, `table_ambiguous`, `table_no_rights` with the statement that grants them, `table_takes_no_rows`
 */
export async function findTable(
  db: Db,
  access: TableAccess,
  caller: Pick<Caller, 'tables'>,
  text: string,
  writes: Writes = 'inserts',
): Promise<NamedRelation> {
  const found = await locateTable(db, access, caller, text);
  if (writes === 'unknown' && found.updatable) return found;
  // Whether the role may update the rows is a question of the mode (modeRights.ts).
  return writes === 'updates' && found.takesRows && found.usage ? found : usable(found, writes);
}

/** What the rows of a file do to their table; unknown before its spec has arrived, which may say that they only update. */
export type Writes = 'inserts' | 'updates' | 'unknown';

/**
 * Like `findTable`, but accepts tables that take no rows.
 * @param use which tables may be meant by a name that does not exist
 */
export async function locateTable(
  db: Db,
  access: TableAccess,
  caller: Pick<Caller, 'tables'>,
  text: string,
  use: 'to load' | 'to read' = 'to load',
): Promise<NamedRelation> {
  const written = readTableName(text);
  if (!written) {
    throw refuse(
      'table_name_invalid',
      `${JSON.stringify(text)} is not the name of a table; write table or schema.table, and a name with dots or quotes in double quotes: "my.table"`,
    );
  }
  const allows = (table: TableName) => access.refusal(caller, table) === undefined;
  const found = written.schema
    ? await inSchema(db, access, caller, { schema: written.schema, name: written.name })
    : await anywhere(db, allows, written.name);
  if (!found) throw await notFound(db, access, caller, { written, text, use });
  return found;
}

/** The readings of a part, likelier first: as written, and as PostgreSQL folds it outside of quotes. */
function readings({ text, quoted }: WrittenPart): string[] {
  const folded = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return quoted || folded === text ? [text] : [text, folded];
}

/** Returns the first of these names that exists, in the order of the readings. */
function firstOf(
  wanted: readonly TableName[],
  relations: readonly NamedRelation[],
): NamedRelation | undefined {
  for (const { schema, name } of wanted) {
    const found = relations.find((each) => each.schema === schema && each.name === name);
    if (found) return found;
  }
  return undefined;
}

async function inSchema(
  db: Db,
  access: TableAccess,
  caller: Pick<Caller, 'tables'>,
  { schema, name }: { schema: WrittenPart; name: WrittenPart },
): Promise<NamedRelation | undefined> {
  const wanted = readings(schema).flatMap((each) =>
    readings(name).map((table) => ({ schema: each, name: table })),
  );
  const refusals = wanted.map((table) => access.refusal(caller, table));
  // Decided by the name alone, so that the answer does not reveal whether the table exists.
  if (refusals.every((refusal) => refusal !== undefined)) throw refuse('table_not_allowed', refusals.at(-1)!);
  const allowed = wanted.filter((_, index) => refusals[index] === undefined);
  return firstOf(allowed, await relationsNamed(db, readings(name), readings(schema)));
}

async function anywhere(
  db: Db,
  allows: (table: TableName) => boolean,
  name: WrittenPart,
): Promise<NamedRelation | undefined> {
  const names = readings(name);
  const relations = (await relationsNamed(db, names, undefined)).filter(allows);
  const path = await homeSchemas(db);
  const near = firstOf(
    path.flatMap((schema) => names.map((each) => ({ schema, name: each }))),
    relations,
  );
  if (near) return near;
  for (const each of names) {
    const same = relations.filter((relation) => relation.name === each);
    const insertable = same.filter((relation) => relation.insertable);
    if (insertable.length > 1) throw ambiguous(name, insertable);
    if (same.length > 0) return insertable[0] ?? same[0];
  }
  return undefined;
}

function ambiguous({ text }: WrittenPart, relations: readonly NamedRelation[]): Error {
  const shown = relations.slice(0, SHOWN).map(writeTableName);
  const more = relations.length > SHOWN ? ` and ${relations.length - SHOWN} more` : '';
  return refuse(
    'table_ambiguous',
    `${JSON.stringify(text)} may be ${shown.join(' or ')}${more}; name the schema too`,
  );
}

async function notFound(
  db: Db,
  access: TableAccess,
  caller: Pick<Caller, 'tables'>,
  {
    written: { schema, name },
    text,
    use,
  }: { written: WrittenName; text: string; use: 'to load' | 'to read' },
): Promise<Error> {
  // By the name alone, as for a name with a schema: the same table gets the same answer. create-table would refuse it too.
  const { schema: home = access.home, name: made = name.text } = readNewTableName(text) ?? {};
  const own = access.never({ schema: home, name: made });
  if (own !== undefined) return refuse('table_not_allowed', own);
  const allows = (table: TableName) => access.refusal(caller, table) === undefined;
  const { tables } = await listTables(db, { limit: COMPARED, allows, readable: use === 'to read' });
  const similar = tables.filter((table) => isSimilar(name, table));
  const sameSchema = similar.filter(
    (table) => schema !== undefined && readings(schema).includes(table.schema),
  );
  const shown = [...new Set([...sameSchema, ...similar])].slice(0, SHOWN).map(writeTableName);
  if (shown.length > 0) return meant(text, shown);
  const no = `there is no table ${JSON.stringify(text)}`;
  const list = 'csvjobs tables (GET /api/tables) lists those that may be loaded into';
  const why = access.refusal(caller, { schema: home, name: made });
  if (why !== undefined) return refuse('table_not_allowed', `${why}; ${list}`);
  return refuse(
    'table_not_found',
    `${no}; ${list}, and csvjobs create-table <file> --into ${shellWord(text)} creates one from a file`,
  );
}

function isSimilar({ text }: WrittenPart, table: TableName): boolean {
  const [asked, known] = [foldName(text), foldName(table.name)];
  return known === asked || isMisspelt(asked, known);
}

/** Returns the failure that suggests those of these tables whose names are similar; undefined if there are none. */
export function similarTables(text: string, tables: readonly TableName[]): Failure | undefined {
  const written = readTableName(text);
  const similar = written ? tables.filter((table) => isSimilar(written.name, table)) : [];
  return similar.length === 0 ? undefined : meant(text, similar.map(writeTableName));
}

function meant(text: string, names: readonly string[]): Failure {
  return refuse(
    'table_not_found',
    `there is no table ${JSON.stringify(text)}; did you mean ${names.join(' or ')}?`,
  );
}

/** @throws {Failure} if the table takes no rows */
function usable(relation: NamedRelation, writes: Writes): NamedRelation {
  if (relation.insertable) return relation;
  const name = writeTableName(relation);
  const { what, takesRows, usage, granted, schema, role } = relation;
  if (takesRows && !usage) {
    throw refuse('table_no_rights', usageDenied(schema, role));
  }
  if (takesRows && !granted) {
    const grant = `grant insert on ${quoteTableName(relation)} to ${quoteIdentifier(role)}`;
    const denied =
      writes === 'unknown'
        ? `neither insert into ${name} nor update it; its owner can grant it: ${grant} (${FURTHER_RIGHTS})`
        : `not insert into ${name}; its owner can grant it: ${grant}`;
    throw refuse('table_no_rights', `the role ${role} may ${denied}`);
  }
  if (what === 'view') {
    throw refuse(
      'table_takes_no_rows',
      `${name} is a view that accepts no rows: PostgreSQL cannot insert into it, and it has no INSTEAD OF INSERT trigger; load into the underlying table`,
    );
  }
  if (takesRows) throw refuse('table_takes_no_rows', `${name} has no column that a file can fill`);
  throw refuse('table_takes_no_rows', `${name} is a ${what}, which accepts no rows; load into a table`);
}
