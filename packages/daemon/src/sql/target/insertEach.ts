/**
 * The last resort for rows that do not fit on a stage (MOST_STAGED): each is inserted as texts with its own
 * statement, in file order and in its own subtransaction. For a refused row, PostgreSQL names only one fault.
 */
import { changesRows, quoteIdentifier, type TargetReason } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { countedNow, leaveOutSince } from '../undo/changedOthers.js';
import { MARK, noteMarked, openMarks } from '../undo/transactionIds.js';
import { attempt, isRefusal } from './attempt.js';
import { Denied, isDenied } from './denied.js';
import { inTable, inTableQuery, type RepeatedRow, stagedKeys } from './duplicates.js';
import { literal } from './literal.js';
import { columnList, type LoadPlan, ROW_NUMBER, tableOf } from './loadPlan.js';
import type { RefusedRow } from './oneByOne.js';
import { reasonOf } from './rowError.js';

/** A row by its number on a stage, and the texts of its columns in plan order; null for NULL. */
export interface TextRow {
  row: number;
  values: readonly (string | null)[];
}

/** PostgreSQL's error fields, named as in `pg`. */
interface Said {
  code?: string;
  constraint?: string;
  column?: string;
  table?: string;
  schema?: string;
  message?: string;
  detail?: string;
  hint?: string;
}

/**
 * Inserts rows inside the transaction of their batch.
 * @param plan without lookups, defaults and conflict handling, which need a stage (`assertStageable`)
 * @throws any error that no row caused; the caller must then roll back the transaction
 */
export async function insertEach(
  client: Client,
  plan: LoadPlan,
  rows: Iterable<TextRow>,
): Promise<{ inserted: number; refused: RefusedRow[] }> {
  await client.query('set constraints all immediate');
  await openMarks(client);
  const into = `insert into ${tableOf(plan.target)} (${columnList(plan.columns)}) values`;
  const adds = plan.target.triggers.length + plan.target.rules.length > 0;
  const refused: RefusedRow[] = [];
  let inserted = 0;
  for (const { row, values } of rows) {
    await client.query('savepoint csvjobs_row');
    const before = adds ? await countedNow(client) : undefined;
    const reason = await client.query(`${into} (${values.map(sqlOf).join(', ')})`).then(
      async ({ rowCount }) => {
        if (rowCount !== 0) return undefined;
        await client.query('rollback to savepoint csvjobs_row');
        return DROPPED;
      },
      async (error: unknown) => {
        if (isDenied(error)) throw new Denied(error as Said);
        if (!isRefusal(error)) throw error;
        await client.query('rollback to savepoint csvjobs_row');
        return whyRefused(client, plan, values, error as Said);
      },
    );
    if (reason !== undefined && before) await leaveOutSince(client, before);
    if (reason === undefined) inserted++;
    else refused.push({ row, reasons: [reason] });
    await client.query(`${reason === undefined ? `${MARK}; ` : ''}release savepoint csvjobs_row`);
  }
  await noteMarked(client);
  return { inserted, refused };
}

const DROPPED: TargetReason = { code: 'dropped_by_trigger', params: {} };
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

function sqlOf(text: string | null): string {
  return text === null ? 'null' : literal(text);
}

async function whyRefused(
  client: Client,
  plan: LoadPlan,
  values: readonly (string | null)[],
  said: Said,
): Promise<TargetReason> {
  const {
    code = '',
    constraint = '',
    column = '',
    table = '',
    schema = '',
    message = '',
    detail = '',
    hint = '',
  } = said;
  const known =
    code === UNIQUE_VIOLATION && !changesRows(plan.target)
      ? await knownKey(client, plan, values)
      : code === FOREIGN_KEY_VIOLATION
        ? missingReference(plan, values, constraint)
        : undefined;
  const { table: own, kind } = plan.target;
  const words = { con: constraint, col: column, tab: table, says: message, more: detail, hint };
  const isOwn = kind === 'partitioned table' || (schema === own.schema && table === own.name);
  return known ?? reasonOf(plan, { state: code, own: isOwn, ...words });
}

/** Returns the first key of the table with a row of these values; PostgreSQL names the index that it checked first. */
async function knownKey(
  client: Client,
  plan: LoadPlan,
  values: readonly (string | null)[],
): Promise<TargetReason | undefined> {
  for (const key of stagedKeys(plan)) {
    const query = inTableQuery(plan, key, oneRow(plan, values, key.columns));
    const found = await attempt(client, () => client.query<RepeatedRow>(query));
    const [row] = found?.rows ?? [];
    if (row) return inTable(plan, key, row.key);
  }
  return undefined;
}

/** A row with some of its columns, as on the stage. */
function oneRow({ columns }: LoadPlan, values: readonly (string | null)[], names: readonly string[]): string {
  const parts = columns.flatMap(({ name, type, collation }, at) =>
    names.includes(name)
      ? [
          `${sqlOf(values[at]!)}::${type.base}${collation === null ? '' : ` collate ${collation}`} as ${quoteIdentifier(name)}`,
        ]
      : [],
  );
  return `(select ${[`1::bigint as ${ROW_NUMBER}`, ...parts].join(', ')}) csvjobs$row`;
}

function missingReference(
  { target, columns }: LoadPlan,
  values: readonly (string | null)[],
  constraint: string,
): TargetReason | undefined {
  const key = target.foreignKeys.find(({ name }) => name === constraint);
  if (!key) return undefined;
  const texts = key.columns.map(
    (name) => values[columns.findIndex((column) => column.name === name)] ?? 'NULL',
  );
  const references = `${key.references.name}.${key.referencedColumns.join(', ')}`;
  return {
    code: 'foreign_key_missing',
    column: key.columns[0]!,
    params: { value: texts.join(', '), references, constraint },
  };
}
