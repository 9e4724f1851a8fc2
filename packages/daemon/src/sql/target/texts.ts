/**
 * Rows that only PostgreSQL can read: they are copied as texts, checked value by value, and staged at their position
 * in file order.
 */
import { quoteIdentifier, type TargetReason } from '@csvjobs/shared';
import { copyIn } from '../copy.js';
import type { Client } from '../pool.js';
import { attempt, notTheRow } from './attempt.js';
import { rethrowDenied } from './denied.js';
import { doBlock } from './doBlock.js';
import { columnList, type LoadPlan, ROW_NUMBER, type StagedColumn } from './loadPlan.js';
import type { RefusedRow } from './oneByOne.js';
import { domainCheck, literal, reason } from './rowFaults.js';
import { isUnknown, runLoop } from './runLoop.js';
import { closeScratch, openScratch } from './scratch.js';
import { NUMBERED, STAGE, UNREADABLE } from './stage.js';
import { STAGE_STEP } from './stageStep.js';

export interface TextRows {
  /** COPY lines with the copied columns; if `numbered`, after their stage number. Empty if there are none. */
  copy: Uint8Array;
  /** False if a batch has no other rows; the lines are then numbered like binary rows. */
  numbered: boolean;
}

const TEXTS = 'pg_temp.csvjobs_texts';
const UNREAD_COLUMNS = 'row bigint, reasons jsonb';

/**
 * Stages rows. Returns those with values that PostgreSQL refuses, with all such values. They are staged without these
 * values, so that their other faults can be found there.
 * @param rejected COPY lines of already rejected records: the negated number, the copied columns, and the places of
 * the faulty ones as an array
 * @throws any error that no value caused
 */
export async function stageTexts(
  client: Client,
  plan: LoadPlan,
  texts: TextRows,
  rejected: Uint8Array = NONE,
): Promise<RefusedRow[]> {
  if (texts.copy.length === 0 && rejected.length === 0) return [];
  const { copied } = plan;
  const names = copied.map(({ name }) => `${quoteIdentifier(name)} text`);
  const columns = [NUMBERED, ...names, `${UNREADABLE} int[]`].join(', ');
  await openScratch(client, 'csvjobs_texts', columns);
  const list = columnList(copied);
  const given = texts.numbered ? `${ROW_NUMBER}, ${list}` : list;
  const all = `${ROW_NUMBER}, ${list}, ${UNREADABLE}`;
  if (texts.copy.length > 0) await copyIn(client, `copy ${TEXTS} (${given}) from stdin`, texts.copy);
  if (rejected.length > 0) await copyIn(client, `copy ${TEXTS} (${all}) from stdin`, rejected);
  const refused = await refusedTexts(client, copied);
  await closeScratch(client, 'csvjobs_texts', columns);
  // Copies them once more, because COPY reads a text like an insert does. A cast first reads it without the type's
  // modifier, so `5` in a column of type `interval day` would be read as 5 seconds and then cut to 0 days.
  const faults = new Map(refused.map(({ row, reasons }) => [row, placesAtFault(copied, reasons)]));
  const lines = stageLines(texts, rejected, faults);
  if (lines.length > 0) await copyIn(client, `copy ${STAGE} (${all}) from stdin`, lines);
  return refused;
}

const NONE = new Uint8Array();
const LINE_END = 0x0a;
const FIELD_END = 0x09;

function placesAtFault(copied: readonly StagedColumn[], reasons: readonly TargetReason[]): number[] {
  return reasons.map(({ column }) => copied.findIndex(({ name }) => name === column));
}

/** All rows, each after its number, without the faulty values. COPY lines have tabs and line ends escaped. */
function stageLines(
  { copy, numbered }: TextRows,
  rejected: Uint8Array,
  faults: ReadonlyMap<number, readonly number[]>,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let count = 0;
  for (const line of linesOf(copy)) {
    const number = numbered ? numberOf(line) : ++count * STAGE_STEP;
    const places = faults.get(number);
    if (!numbered) parts.push(Buffer.from(`${number}\t`));
    if (places === undefined) parts.push(line, Buffer.from('\t\\N\n'));
    else parts.push(withoutPlaces(line, places, numbered ? 1 : 0), Buffer.from(`\t{${places.join()}}\n`));
  }
  for (const line of linesOf(rejected)) {
    const places = faults.get(numberOf(line));
    const known = line.lastIndexOf(FIELD_END);
    if (places === undefined) parts.push(line, Buffer.from('\n'));
    else {
      const before = line.toString('latin1', known + 2, line.length - 1);
      parts.push(
        withoutPlaces(line.subarray(0, known), places, 1),
        Buffer.from(`\t{${[before, ...places].join()}}\n`),
      );
    }
  }
  return Buffer.concat(parts);
}

/** Yields lines without their line ends. */
function* linesOf({ buffer, byteOffset, byteLength }: Uint8Array): Generator<Buffer> {
  const lines = Buffer.from(buffer, byteOffset, byteLength);
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(LINE_END, start);
    yield lines.subarray(start, end);
    start = end + 1;
  }
}

function numberOf(line: Buffer): number {
  return Number(line.toString('latin1', 0, line.indexOf(FIELD_END)));
}

function withoutPlaces(line: Buffer, places: readonly number[], first: number): Buffer {
  const fields = line.toString('latin1').split('\t');
  for (const place of places) fields[first + place] = '\\N';
  return Buffer.from(fields.join('\t'), 'latin1');
}

/** PostgreSQL 15 lacks pg_input_error_info, and a few extension types throw in it: then each value is tried. */
async function refusedTexts(client: Client, columns: readonly StagedColumn[]): Promise<RefusedRow[]> {
  const asked = await attempt(client, () => client.query<RefusedRow>(invalidTextsQuery(columns)));
  if (asked) return asked.rows;
  await openScratch(client, 'csvjobs_unread', UNREAD_COLUMNS);
  await runLoop(client, doBlock(readEach(columns)));
  const { rows } = await client.query<RefusedRow>('select * from pg_temp.csvjobs_unread order by row');
  await closeScratch(client, 'csvjobs_unread', UNREAD_COLUMNS);
  return rows;
}

/** Also checks what a column's domains require, because all faults of a row must be reported at once. */
function invalidTextsQuery(columns: readonly StagedColumn[]): string {
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

/**
 * A plpgsql assignment reads a text like an insert does and cuts nothing, unlike an explicit cast. Of the types whose input needs a
 * privilege, only that of a domain needs the same one for each value: a regclass may name a schema.
 */
function readEach(columns: readonly StagedColumn[]): string {
  const reads = columns.map(
    (column) => `
      if ${valueIn(column)} is not null then
        begin
          ${readOnce(column)}
        exception when others then
          get stacked diagnostics csvjobs$state = returned_sqlstate, csvjobs$says = message_text;
          if ${notTheRow('csvjobs$state')} then raise; end if;
          ${column.type.domain ? rethrowDenied('csvjobs$state', 'csvjobs$context', isUnknown('csvjobs$says')) : ''}
          csvjobs$found := csvjobs$found || ${unreadable(column, 'csvjobs$says', 'csvjobs$state')};
        end;
      end if;`,
  );
  return `
    declare
      t record; csvjobs$found jsonb; csvjobs$state text; csvjobs$says text; csvjobs$context text;
    begin
      for t in select * from ${TEXTS} order by ${ROW_NUMBER} loop
        csvjobs$found := '[]';
        ${reads.join('')}
        if csvjobs$found <> '[]' then insert into pg_temp.csvjobs_unread values (t.${ROW_NUMBER}, csvjobs$found); end if;
      end loop;
    end`;
}

/** plpgsql cannot assign a text to a row variable. A cast reads the parts with their modifiers and cuts nothing. */
function readOnce(column: StagedColumn): string {
  const { kind, sql } = column.type;
  return kind === 'composite'
    ? `perform ${valueIn(column)}::${sql};`
    : `declare v ${sql} := ${valueIn(column)}; begin end;`;
}

function unreadable(column: StagedColumn, says: string, sqlstate: string): string {
  return reason('invalid_value', column.name, {
    value: valueIn(column),
    type: literal(column.type.sql),
    says,
    sqlstate,
    ...(column.type.domain && { constraint: domainCheck(literal(column.type.sql), sqlstate) }),
  });
}

function valueIn({ name }: StagedColumn): string {
  return `t.${quoteIdentifier(name)}`;
}
