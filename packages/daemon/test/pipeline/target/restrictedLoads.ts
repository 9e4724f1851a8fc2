/** Loads by a restricted role on each path, compared with inserting the records one by one. */
import { expect, type TestOptions } from 'vitest';
import { sized } from '../../support/form.js';
import type { Restricted } from './restrictedRole.js';
import { expectCounters, insertEach, makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

export const TABLE = { schema: 'sales', name: 't' };

const LANES = sized(
  [{ lanes: 4, failsAt: 3, stopsAt: [40, 90] }],
  [
    { lanes: 1, stopsAt: [40, 90] },
    { lanes: 4, failsAt: 3 },
  ],
);
/** For the tests that load in these ways. */
export const SIZED: TestOptions = { tags: ['sized'] };

const REGIONS = ['north', 'south', 'north', 'west'];

/**
 * Some keys twice, a region of four, and now and then an unreadable value or one that violates the check; no
 * row violates both a policy and the check, of which PostgreSQL names the one and csvjobs the other.
 */
export const file: TargetFile = {
  table: TABLE,
  header: ['a', 'region', 'n'],
  records: Array.from({ length: 160 }, (_, at) => [
    String(at % 130),
    REGIONS[at % REGIONS.length]!,
    at % 23 === 5 ? 'x' : at % 29 === 4 && at % 4 !== 3 ? '900' : String(at),
  ]),
};
export const COLUMNS = 'a int primary key, region text not null, n int check (n < 500)';

/** Returns what reads the table `sales.t`, and what loads into it, as the role of the test that calls it. */
export function restrictedLoads(given: Restricted) {
  async function tableNow(): Promise<unknown[]> {
    return (await given.db.plain('select t::text as row from sales.t order by 1')).rows;
  }

  /**
   * Loads a file on each path as the role, into tables like the oracle's, and compares everything that is left.
   */
  async function loadsAsOneByOne(file: TargetFile): Promise<{ why: string }[]> {
    const { loading, db, modest } = given;
    await db.plain('create table sales.before as table sales.t');
    const again = 'truncate sales.t; insert into sales.t table sales.before';
    const expected = { refused: await insertEach(modest.pool, file), table: await tableNow() };
    for (const how of LANES) {
      await db.plain(again);
      const id = await makeTargetJob(loading, modest.pool, file);
      await runToEnd(loading, modest, id, how);
      expect({ refused: await rejected(modest.pool, id), table: await tableNow() }).toEqual(expected);
      await expectCounters(modest.pool, id, file.records.length, expected.refused.length);
    }
    return expected.refused;
  }

  return { tableNow, loadsAsOneByOne };
}

export function counted(refused: readonly { why: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { why } of refused) counts[why] = (counts[why] ?? 0) + 1;
  return counts;
}
