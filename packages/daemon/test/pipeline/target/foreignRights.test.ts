/** A foreign server (postgres_fdw) whose user lacks a right there. */
import { quoteIdentifier } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { literal } from '../../../src/sql/target/literal.js';
import { LONG } from '../../support/form.js';
import { restrictedRole } from './restrictedRole.js';
import { makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

const given = restrictedRole();
let { loading, db, modest, role } = given;
beforeEach(() => {
  ({ loading, db, modest, role } = given);
});

const COLUMNS = 'a int, region text not null, n int check (n < 500)';
const file: TargetFile = {
  table: { schema: 'sales', name: 't' },
  header: ['a', 'region', 'n'],
  records: Array.from({ length: 160 }, (_, at) => [String(at % 130), 'north', String(at)]),
};

let there: string;
beforeEach(async () => {
  there = `Over "there" ${role}`;
  await db.plain(`create extension postgres_fdw; create role ${quoteIdentifier(there)} login; create schema "Far";
    create server far foreign data wrapper postgres_fdw options (host '${db.connection.host}', port '${db.connection.port}',
      dbname '${db.connection.database}');
    grant usage on foreign server far to ${role};
    create user mapping for ${role} server far options (user ${literal(there)}, password_required 'false')`);
});
afterEach(() => db.plain(`drop owned by ${quoteIdentifier(there)}; drop role ${quoteIdentifier(there)}`));

/** Runs the job until it is refused no more, granting what each failure says. Returns what it granted. */
async function grantedInTurn(id: string): Promise<string[]> {
  const granted: string[] = [];
  for (;;) {
    const error = await runToEnd(loading, modest, id, { lanes: 1 }).then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (error === undefined) return granted;
    expect(error).toMatchObject({
      code: 'target_denied',
      retryable: false,
      message: expect.stringContaining(
        `the foreign server far refuses the rows: its user ${quoteIdentifier(there)} lacks`,
      ),
    });
    expect(await rejected(modest.pool, id)).toEqual([]);
    const [grant = ''] = /(?<=can grant it: )grant [^;]+/.exec(error.message) ?? [];
    expect(granted).not.toContain(grant);
    granted.push(grant);
    await db.plain(grant);
  }
}

const to = () => `to ${quoteIdentifier(there)}`;
const expected = () => [`grant usage on schema "Far" ${to()}`, `grant insert on "Far"."The table" ${to()}`];
const foreign = (name: string, more = '') => `create table "Far"."The table" (${COLUMNS});
  create foreign table ${name} ${more || `(${COLUMNS})`} server far
    options (schema_name 'Far', table_name 'The table')`;

it('ends the job, names the server and its user, and rejects no row', async () => {
  await db.plain(`${foreign('sales.t')}; grant insert on sales.t to ${role}`);
  const id = await makeTargetJob(loading, modest.pool, file);
  expect(await grantedInTurn(id)).toEqual(expected());
  const { rows } = await db.plain('select count(*)::int as count from "Far"."The table"');
  expect(rows[0]!.count).toBeGreaterThan(100);
});

it('ends the job of a table whose trigger writes there', LONG, async () => {
  await db.plain(`create table sales.t (${COLUMNS}); ${foreign('sales.copy')};
    create function sales.also() returns trigger language plpgsql as $$ begin
      insert into sales.copy values (new.*); return new; end $$;
    create trigger copies after insert on sales.t for each row execute function sales.also();
    grant insert, select on sales.t to ${role}; grant insert on sales.copy to ${role}`);
  const id = await makeTargetJob(loading, modest.pool, file);
  expect(await grantedInTurn(id)).toEqual(expected());
  expect((await db.plain('table sales.t')).rowCount).toBeGreaterThan(100);
});

it('does not hide that a policy there refuses single rows', async () => {
  await db.plain(`${foreign('sales.t')}; grant insert on sales.t to ${role};
    alter table "Far"."The table" enable row level security; create policy few on "Far"."The table" using (a > 50)`);
  for (const grant of expected()) await db.plain(grant);
  const id = await makeTargetJob(loading, modest.pool, file);
  await runToEnd(loading, modest, id, { lanes: 1 });
  const { rows } = await db.plain(
    `select count(*)::int as stored, count(*) filter (where a <= 50)::int as hidden from "Far"."The table"`,
  );
  expect(rows[0]).toMatchObject({ stored: expect.any(Number), hidden: 0 });
  const refused = await db.plain(
    `select count(*)::int as count from job_errors where message like '%row-level security%'`,
  );
  expect(refused.rows[0]!.count).toBeGreaterThan(10);
});
