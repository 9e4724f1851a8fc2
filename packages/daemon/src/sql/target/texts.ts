/**
 * Rows that only PostgreSQL can read: copied as texts, judged value by value, and put onto the stage where they belong in
 * the order of the file.
 */
import { quoteIdentifier, type TargetColumn } from '@csvjobs/shared';
import { copyIn } from '../copy.js';
import type { Client } from '../pool.js';
import { attempt, INTERNAL_ERROR } from './attempt.js';
import { columnList, type LoadPlan, ROW_NUMBER } from './loadPlan.js';
import { notTheRow, type RefusedRow } from './oneByOne.js';
import { literal, reason } from './rowFaults.js';
import { NUMBERED, STAGE } from './stage.js';
import { STAGE_STEP } from './stageStep.js';

export interface TextRows {
  /** COPY lines with the columns of the plan; `numbered`: behind their number on the stage. Empty where there are none. */
  copy: Uint8Array;
  /** Not so where a batch has no other rows: then they are numbered as binary rows are. */
  numbered: boolean;
}

const TEXTS = 'pg_temp.csvjobs_texts';

/**
 * Puts the rows that can be read onto the stage. Returns the others, with all of their values that PostgreSQL refuses.
 * @throws what is no value's fault
 */
export async function stageTexts(client: Client, plan: LoadPlan, texts: TextRows): Promise<RefusedRow[]> {
  if (texts.copy.length === 0) return [];
  const { columns } = plan;
  const names = columns.map(({ name }) => `${quoteIdentifier(name)} text`);
  await client.query(
    `create temporary table csvjobs_texts (${[NUMBERED, ...names].join(', ')}) on commit drop`,
  );
  const list = columnList(columns);
  const given = texts.numbered ? `${ROW_NUMBER}, ${list}` : list;
  await copyIn(client, `copy ${TEXTS} (${given}) from stdin`, texts.copy);
  const refused = await refusedTexts(client, columns);
  await client.query(`drop table ${TEXTS}`);
  // Copied once more: COPY reads a text as an insert does. A cast reads it without the modifier of the type first, so that
  // `5` in a column of type `interval day` would be 5 seconds, and then no day.
  const well = numberedLines(texts, new Set(refused.map(({ row }) => row)));
  if (well.length > 0) await copyIn(client, `copy ${STAGE} (${ROW_NUMBER}, ${list}) from stdin`, well);
  return refused;
}

const LINE_END = 0x0a;
const FIELD_END = 0x09;

/** The lines of the rows that are not among these, each behind its number. In a COPY line, line ends are escaped. */
function numberedLines({ copy, numbered }: TextRows, without: ReadonlySet<number>): Uint8Array {
  const lines = Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength);
  const parts: Buffer[] = [];
  for (let start = 0, count = 1; start < lines.length; count++) {
    const end = lines.indexOf(LINE_END, start) + 1;
    const number = numbered
      ? Number(lines.toString('latin1', start, lines.indexOf(FIELD_END, start)))
      : count * STAGE_STEP;
    if (!without.has(number)) {
      if (!numbered) parts.push(Buffer.from(`${number}\t`));
      parts.push(lines.subarray(start, end));
    }
    start = end;
  }
  return Buffer.concat(parts);
}

/** PostgreSQL 15 has no pg_input_error_info, and a few types of extensions throw in it: those are tried value by value. */
async function refusedTexts(client: Client, columns: readonly TargetColumn[]): Promise<RefusedRow[]> {
  const asked = await attempt(client, () => client.query<RefusedRow>(invalidTextsQuery(columns)));
  if (asked) return asked.rows;
  await client.query('create temporary table csvjobs_unread (row bigint, reasons jsonb) on commit drop');
  await client.query(`do language plpgsql ${literal(readEach(columns))}`);
  const { rows } = await client.query<RefusedRow>('select * from pg_temp.csvjobs_unread order by row');
  await client.query('drop table pg_temp.csvjobs_unread');
  return rows;
}

/** What the domains of a column demand is asked for with it: all that is wrong with a row is to be said at once. */
function invalidTextsQuery(columns: readonly TargetColumn[]): string {
  const invalid = columns.map(
    (column) => `not pg_input_is_valid(${valueIn(column)}, ${literal(column.type.sql)})`,
  );
  const found = columns.map((column, at) => {
    const error = `(pg_input_error_info(${valueIn(column)}, ${literal(column.type.sql)}))`;
    return `case when ${invalid[at]} then ${unreadable(column, `${error}.message`, `${error}.sql_error_code`)} end`;
  });
  return `select row, jsonb_path_query_array(found, '$[*] ? (@ != null)') as reasons from (
      select ${ROW_NUMBER} as row, jsonb_build_array(${found.join(', ')}) as found from ${TEXTS} t
      where ${invalid.join(' or ')}
    ) faulty order by row`;
}

/** An assignment of plpgsql reads a text as an insert does, and cuts nothing, which an explicit cast may. */
function readEach(columns: readonly TargetColumn[]): string {
  const reads = columns.map(
    (column) => `
      if ${valueIn(column)} is not null then
        begin
          declare v ${column.type.sql} := ${valueIn(column)}; begin end;
        exception when others then
          get stacked diagnostics state = returned_sqlstate, says = message_text;
          if state <> ${literal(INTERNAL_ERROR)} and ${notTheRow('state')} then raise; end if;
          found := found || ${unreadable(column, 'says', 'state')};
        end;
      end if;`,
  );
  return `
    declare
      t record; found jsonb; state text; says text;
    begin
      for t in select * from ${TEXTS} order by ${ROW_NUMBER} loop
        found := '[]';
        ${reads.join('')}
        if found <> '[]' then insert into pg_temp.csvjobs_unread values (t.${ROW_NUMBER}, found); end if;
      end loop;
    end`;
}

function unreadable(column: TargetColumn, says: string, sqlstate: string): string {
  return reason('invalid_value', column.name, {
    value: valueIn(column),
    type: literal(column.type.sql),
    says,
    sqlstate,
  });
}

function valueIn({ name }: TargetColumn): string {
  return `t.${quoteIdentifier(name)}`;
}
