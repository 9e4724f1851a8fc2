/**
 * Rights that rules of a table need, as the catalog describes them, against what PostgreSQL says to an INSERT of the same role:
 * missing exactly where it refuses the row, and no longer once the printed statements were run.
 */
import { randomBytes } from 'node:crypto';
import { rightsNeeded, sayMissingRights, type Target } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { TESTED_VERSION } from '../../support/versions.js';

const ROLE = `Some "role" ${randomBytes(4).toString('hex')}`;
const QUOTED = `"${ROLE.replaceAll('"', '""')}"`;

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  await database.pool.query(`create role ${QUOTED} login`);
  pool = createPool({ ...database.connection, user: ROLE }, () => {});
});
afterAll(async () => {
  await pool.end();
  await database.pool.query(`drop owned by ${QUOTED}; drop role ${QUOTED}`);
  await database.drop();
});

beforeEach(async () => {
  await database.pool.query(`drop schema if exists "S" cascade; create schema "S"; grant usage on schema "S" to ${QUOTED};
    create sequence "S"."a ""seq""";
    create function "S".f(x int, variadic y int[] default '{}') returns int immutable language plpgsql as 'begin return x; end';
    create function "S"."G, h"(a "char", b "char") returns bool immutable language plpgsql as 'begin return true; end';
    create function "S".taken(regclass) returns int language plpgsql security definer as 'begin return nextval($1); end';
    create function "S".stamp() returns trigger language plpgsql as 'begin return new; end';
    create operator "S".=== (function = "S"."G, h", leftarg = "char", rightarg = "char");
    revoke execute on function "S".f, "S"."G, h" from public`);
});

async function make(sql: string): Promise<void> {
  await database.pool.query(
    `begin; set local search_path = "S"; ${sql}; grant insert, select, update on all tables in schema "S" to ${QUOTED}; commit`,
  );
}

const described = async (): Promise<Target> => (await readTarget(pool, { schema: 'S', name: 't' }))!;

const F = 'function "S".f(x integer, VARIADIC y integer[])';
const SEQUENCE = 'sequence "S"."a ""seq"""';

/** What a file fills, and the INSERT that stands for it. */
const ONLY_K: [string[], string] = [['k'], 'insert into "S".t (k) values (1)'];
const ALL: [string[], string] = [['k', 'a'], 'insert into "S".t (k, a) values (1, null)'];

describe('missing', () => {
  it.each<[string, string, [string[], string], string, string]>([
    ['a default', `create table t (k int, a int default f(1))`, ONLY_K, 'the default of a', F],
    [
      'the default of a domain',
      `create domain d as int default f(1); create table t (k int, a d)`,
      ONLY_K,
      'the default of a',
      F,
    ],
    [
      'a default of a view',
      `create table b (k int, a int); create view t as select * from b; alter view t alter a set default f(2)`,
      ONLY_K,
      'the default of a',
      F,
    ],
    [
      'a sequence',
      `create table t (k int, a int default nextval('"a ""seq"""'))`,
      ONLY_K,
      'the default of a',
      SEQUENCE,
    ],
    [
      'the sequence of a domain',
      `create domain d as int default nextval('"a ""seq"""'); create table t (k int, a d)`,
      ONLY_K,
      'the default of a',
      SEQUENCE,
    ],
    ['a check', `create table t (k int, a int, constraint "c c" check (f(a) > 0))`, ALL, 'the check c c', F],
    [
      'an operator of a check',
      `create table t (k int, a "char", constraint c check (a === 'x'))`,
      ALL,
      'the check c',
      'function "S"."G, h"(a "char", b "char")',
    ],
    [
      'a generated column',
      `create table t (k int, a int, g int generated always as (f(k)) stored)`,
      ALL,
      'the generated column g',
      F,
    ],
    ['an index', `create table t (k int, a int); create index i on t (f(k))`, ALL, 'the index i', F],
    [
      'the condition of an index',
      `create table t (k int, a int); create unique index i on t (k) where f(k) > 0`,
      ALL,
      'the index i',
      F,
    ],
    [
      'a partition key',
      `create table t (k int, a int) partition by range (f(k)); create table p partition of t default`,
      ALL,
      'the partition key of t',
      F,
    ],
    [
      'the condition of a trigger',
      `create table t (k int, a int); create trigger w before insert on t for each row when (f(new.k) > 0) execute function stamp()`,
      ALL,
      'the condition of the trigger w',
      F,
    ],
  ])('%s', async (_, sql, [filled, insert], by, object) => {
    await make(sql);
    const target = await described();
    const said = sayMissingRights(target, rightsNeeded(target, filled));
    const right = object.startsWith('function') ? 'EXECUTE' : 'USAGE';
    const grant = `grant ${right.toLowerCase()} on ${object} to ${QUOTED}`;
    expect(said).toBe(
      `the database role lacks rights that rules of "S".t need: ${right} on ${object} (needed by ${by}). The owner can grant it: ${grant}`,
    );
    await expect(pool.query(insert)).rejects.toMatchObject({ code: '42501' });
    await database.pool.query(grant);
    await pool.query(insert);
    const { missingRights, ...rest } = target;
    expect(missingRights).toHaveLength(1);
    // The fingerprint leaves rights out, and the description of a table without missing rights has no new property.
    expect(await described()).toStrictEqual(rest);
  });

  it('each right is named once, with all that need it, and each statement once', async () => {
    await make(
      `create table t (k int, a int default f(1), b int default nextval('"a ""seq"""') check (f(b) > 0))`,
    );
    const target = await described();
    expect(sayMissingRights(target, rightsNeeded(target, ['k']))).toBe(
      `the database role lacks rights that rules of "S".t need: EXECUTE on ${F} (needed by the default of a, the check t_b_check); USAGE on ${SEQUENCE} (needed by the default of b). The owner can grant them: grant execute on ${F} to ${QUOTED}; grant usage on ${SEQUENCE} to ${QUOTED}`,
    );
    expect(rightsNeeded(target, ['k', 'a', 'b']).map(({ rule }) => rule)).toEqual(['check']);
  });

  it('if rows are only updated, only checks count', async () => {
    await make(
      `create table t (k int, a int default f(1), g int generated always as (f(a)) stored, b int check (f(b) > 0))`,
    );
    const target = await described();
    expect(rightsNeeded(target, ['k', 'b'], true).map(({ name }) => name)).toEqual(['t_b_check']);
    await database.pool.query('insert into "S".t (k, b) values (1, 1)');
    await expect(pool.query('update "S".t set b = 1')).rejects.toMatchObject({ code: '42501' });
    await database.pool.query('alter table "S".t drop constraint t_b_check');
    await pool.query('update "S".t set b = 1');
  });
});

describe('not missing', () => {
  it.each([
    ['a default that the file does not use', `create table t (k int, a int default f(1))`, ALL],
    [
      'a sequence that a function uses with rights of its own',
      `create table t (k int, a int default taken('"a ""seq"""'))`,
      ONLY_K,
    ],
    [
      'a function or a sequence that is a value',
      `create table t (k int, a regproc default '"G, h"'::regproc, b regclass default '"a ""seq"""'::regclass)`,
      ONLY_K,
    ],
    ['an identity', `create table t (k int, a int generated by default as identity)`, ONLY_K],
    [
      'a trigger of updates',
      `create table t (k int, a int); create trigger w before update on t for each row when (f(new.k) > 0) execute function stamp()`,
      ALL,
    ],
    [
      'a trigger that is switched off',
      `create table t (k int, a int); create trigger w before insert on t for each row when (f(new.k) > 0) execute function stamp();
       alter table t disable trigger w`,
      ALL,
    ],
    [
      'a table whose rows go elsewhere by a rule',
      `create table b (k int); create table t (k int, a int default f(1) check (f(a) > 0));
       create rule r as on insert to t do instead insert into b values (new.k)`,
      ONLY_K,
    ],
  ] as [string, string, [string[], string]][])('%s', async (_, sql, [filled, insert]) => {
    await make(sql);
    expect(rightsNeeded(await described(), filled)).toEqual([]);
    await pool.query(insert);
  });

  it.skipIf(TESTED_VERSION < 18)(
    'a check that is not enforced',
    { meta: { needs: 'PostgreSQL 18' } },
    async () => {
      await make(`create table t (k int, a int, constraint c check (f(a) > 0) not enforced)`);
      expect((await described()).missingRights).toBeUndefined();
      await pool.query(ALL[1]);
    },
  );
});
