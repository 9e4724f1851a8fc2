/**
 * Undoes rows that PostgreSQL refuses to undo all at once: in smaller parts, and where these are refused too, row by row.
 * So one bad row among a million costs some thirty statements.
 */
import type { Db } from '../pool.js';
import { attempt, isRefusal, notTheRow } from '../target/attempt.js';
import { doBlock } from '../target/doBlock.js';
import { type Part, REFUSALS } from './refusals.js';

/**
 * The rows to process, numbered by `place` from 1. Entries of the journal have `entry` and `owner` (sql/undo/owners.ts),
 * rows of the table `rel` and `tid`.
 */
export const WORKLIST = 'pg_temp.csvjobs_worklist';

/** Fewest and most rows that are processed row by row at a time. */
const FEW = 64;
const MANY = 4096;

/**
 * Creates WORKLIST. Returns how many rows it has.
 * @param rows a query for the columns `entry`, `owner`, `rel`, `tid`
 * @param order of these, for `order by`
 */
export async function openWorklist(db: Db, rows: string, order: string): Promise<number> {
  await db.query(`drop table if exists ${WORKLIST}`);
  const { rowCount } = await db.query(
    `create temporary table csvjobs_worklist on commit drop as
     select row_number() over (order by ${order}) as place, entry, owner, rel, tid from (${rows}) rows`,
  );
  await db.query(`create unique index on ${WORKLIST} (place)`);
  await db.query(`analyze ${WORKLIST}`);
  return rowCount ?? 0;
}

/** Condition on WORKLIST: a row is in this part. */
export function within(first: number, last: number): string {
  return `place between ${first} and ${last}`;
}

/** Returns the owners of a part of WORKLIST. */
export async function ownersIn(db: Db, first: number, last: number): Promise<(string | null)[]> {
  const { rows } = await db.query<{ owner: string | null }>(
    `select distinct owner from ${WORKLIST} where ${within(first, last)} order by owner`,
  );
  return rows.map(({ owner }) => owner);
}

export interface Parts {
  part: Part;
  /** Processes the rows from one place to another. Throws if PostgreSQL refuses one. */
  together(first: number, last: number): Promise<unknown>;
  /** Statement for one row of WORKLIST, which is the record csvjobs$one. */
  each: string;
  /** Statement after one that has processed its row, in the same subtransaction. */
  after?: string;
  /** SQL that is read before each row, as csvjobs$changes. */
  changes?: string;
}

/**
 * Processes the rows of WORKLIST from 1 to `count`, which were refused together. Refused rows are added to REFUSALS. A part that
 * is refused is halved, and one that is accepted is followed by one twice as long. Where even short parts are refused,
 * longer and longer ones are processed row by row.
 */
export async function inParts(db: Db, count: number, parts: Parts): Promise<void> {
  let size = Math.ceil(count / 2);
  let few = FEW;
  for (let first = 1; first <= count; ) {
    if (size <= few) {
      await db.query(rowByRow(parts, within(first, first + few - 1)));
      first += few;
      few = Math.min(2 * few, MANY);
      size = 2 * few;
      continue;
    }
    const last = Math.min(first + size - 1, count);
    const done = await attempt(
      db,
      async () => ({ done: await parts.together(first, last) }),
      (error) => isRefusal(error) || error instanceof Omitted,
    );
    if (done) {
      first = last + 1;
      few = FEW;
    }
    size = done ? 2 * size : Math.ceil(size / 2);
  }
}

/** Thrown by work that has processed only some of its rows, so that it is rolled back. */
export class Omitted extends Error {}

/** Every row has its own subtransaction. An error that no row caused is thrown. */
function rowByRow({ part, each, after = '', changes = 'null' }: Parts, which: string): string {
  return doBlock(`
    declare csvjobs$one record; csvjobs$n bigint; csvjobs$code text; csvjobs$con text; csvjobs$says text;
      csvjobs$changes bigint;
    begin
      for csvjobs$one in select * from ${WORKLIST} where ${which} order by place loop
        begin
          csvjobs$changes := ${changes};
          ${each};
          get diagnostics csvjobs$n = row_count;
          ${after === '' ? '' : `if csvjobs$n > 0 then ${after}; end if;`}
        exception when others then
          get stacked diagnostics csvjobs$code = returned_sqlstate, csvjobs$con = constraint_name, csvjobs$says = message_text;
          if ${notTheRow('csvjobs$code')} then raise; end if;
          insert into ${REFUSALS} values ('${part}', csvjobs$one.entry, csvjobs$one.rel, csvjobs$one.tid,
            csvjobs$code, nullif(csvjobs$con, ''), csvjobs$says);
        end;
      end loop;
    end`);
}
