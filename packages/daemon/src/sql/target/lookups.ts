/**
 * Looks up values in other tables by natural keys: one join per batch, on the stage. The statement sees the values
 * that exist when it runs, so a row that another transaction adds meanwhile may be found only by a later batch.
 */
import { quoteIdentifier, quoteTableName, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Client } from '../pool.js';
import { attempt } from './attempt.js';
import { Denied, isDeniedThere, type Said } from './denied.js';
import { type LoadPlan, type Lookup, placesOf, ROW_NUMBER } from './loadPlan.js';
import type { RefusedRow } from './oneByOne.js';
import { literal, reason } from './rowFaults.js';
import { closeScratch, openFilled } from './scratch.js';
import { STAGE, UNREADABLE } from './stage.js';

const FOUND = 'pg_temp.csvjobs_found';

/**
 * Fills the staged columns that are looked up. A natural key without any value stands for NULL; one with only some of
 * its parts matches nothing. Returns the rows whose key is missing or ambiguous, and marks them as unreadable in that
 * column.
 * @throws {Failure} `target_missing`, `target_denied` if the other table has changed since the start
 */
export async function fillLookups(client: Client, plan: LoadPlan): Promise<RefusedRow[]> {
  const refused: RefusedRow[] = [];
  for (const lookup of plan.lookups) {
    const query = await findKeys(client, lookup).catch((error) => {
      throw explained(error, lookup);
    });
    await client.query(`update ${STAGE} s set ${quoteIdentifier(lookup.column)} = f.found
      from ${FOUND} f where f.times = 1 and ${same(lookup, 'f')}`);
    const { rows } = await client.query<RefusedRow>(unfoundQuery(plan, lookup));
    refused.push(...rows);
    await closeScratch(client, 'csvjobs_found', query);
  }
  return refused;
}

/** Collects the distinct staged keys that the table has, each with a value and its count. Returns its query. */
async function findKeys(client: Client, lookup: Lookup): Promise<string> {
  const query = foundQuery(lookup, validated);
  const judged = await attempt(client, async () => {
    await openFilled(client, 'csvjobs_found', query);
    return {};
  });
  if (judged) return query;
  // PostgreSQL 15 lacks pg_input_is_valid, and a few extension types throw in it.
  for (const [at, { type }] of lookup.by.entries())
    await client.query(`create function ${readerName(at)}(value text) returns ${type} language plpgsql as
      $read$ begin return value; exception when others then return null; end $read$`);
  const throwing = foundQuery(lookup, (value, _, at) => `${readerName(at)}(${value})`);
  await openFilled(client, 'csvjobs_found', throwing);
  for (const at of lookup.by.keys()) await client.query(`drop function ${readerName(at)}(text)`);
  return throwing;
}

const readerName = (at: number) => `pg_temp.csvjobs_read_${at}`;
const validated = (value: string, type: string) =>
  `case when pg_input_is_valid(${value}, ${literal(type)}) then ${value}::${type} end`;

/** A text that is not a valid value of the other table's column matches no row. */
function foundQuery(
  { table, value, by }: Lookup,
  read: (value: string, type: string, at: number) => string,
): string {
  const inputs = by.map(({ input }) => quoteIdentifier(input));
  const there = inputs.map((input) => `${input} is not null`).join(' and ');
  const keys = by.map(({ type }, at) => `${read(inputs[at]!, type, at)} as k${at}`);
  const equal = by.map(({ column }, at) => `l.${quoteIdentifier(column)} = w.k${at}`);
  const parts = inputs.map((input) => `w.${input}`).join(', ');
  const found = `l.${quoteIdentifier(value)}`;
  return `with keys as materialized (select distinct ${inputs.join(', ')} from ${STAGE} where ${there}),
      wanted as materialized (select ${inputs.join(', ')}, ${keys.join(', ')} from keys)
    select * from (
      select ${parts}, ${found} as found, count(*) over key as times, row_number() over key as nth
      from wanted w join ${quoteTableName(table)} l on ${equal.join(' and ')} where ${found} is not null
      window key as (partition by ${parts} rows between unbounded preceding and unbounded following)
    ) each_row where nth = 1`;
}

/** Statement that marks the rows whose key was not found exactly once, and returns them. */
function unfoundQuery(plan: LoadPlan, lookup: Lookup): string {
  const { by, table, column } = lookup;
  const shown = `concat_ws(', ', ${by.map(({ input }) => `s.${quoteIdentifier(input)}`).join(', ')})`;
  const names = by.map((each) => each.column);
  const references = literal(
    names.length === 1
      ? `${writeTableName(table)}.${names[0]}`
      : `${writeTableName(table)} (${names.join(', ')})`,
  );
  const missing = reason('lookup_missing', column, { value: shown, references });
  const ambiguous = reason('lookup_ambiguous', column, { value: shown, references, count: 'times' });
  const some = by.map(({ input }) => `s.${quoteIdentifier(input)} is not null`).join(' or ');
  const [place] = placesOf(plan, column);
  return `with unfound as (
      select s.${ROW_NUMBER} as row, f.times from ${STAGE} s left join ${FOUND} f on ${same(lookup, 'f')}
      where (${some}) and f.times is distinct from 1
    )
    update ${STAGE} s set ${UNREADABLE} = array_append(s.${UNREADABLE}, ${place})
    from unfound where unfound.row = s.${ROW_NUMBER}
    returning unfound.row, jsonb_build_array(case when times is null then ${missing} else ${ambiguous} end) as reasons`;
}

function same({ by }: Lookup, found: string): string {
  return by
    .map(({ input }) => `s.${quoteIdentifier(input)} = ${found}.${quoteIdentifier(input)}`)
    .join(' and ');
}

/** SQLSTATEs of PostgreSQL, appendix A. */
const NO_RIGHT = '42501';
const NOT_THERE = new Set(['42P01', '42703', '3F000']);

function explained(error: unknown, { table, column }: Lookup): unknown {
  const { code = '', message } = error as { code?: string; message: string };
  const shown = writeTableName(table);
  if (isDeniedThere(error as Said)) return new Denied(error as Said);
  if (code === NO_RIGHT) return lookupDenied(shown, column, message, 'grant it SELECT and retry the job');
  if (!NOT_THERE.has(code)) return error;
  return new Failure(
    'target_missing',
    `${shown}, in which ${column} is looked up, is not as it was: ${message}; restore it and retry the job`,
    { cause: error },
  );
}

export function lookupDenied(table: string, column: string, why: string, help: string): Failure {
  return new Failure(
    'target_denied',
    `the database role may not read ${table}, in which ${column} is looked up (${why}); ${help}`,
  );
}
