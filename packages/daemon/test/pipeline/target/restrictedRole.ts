/** A database for each test, and a role that may use its schema `sales` and nothing in it. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createPool } from '../../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from '../support/loading.js';

export interface Restricted {
  loading: Loading;
  db: TestDatabase;
  /** The same database, connected as the role, which loads. */
  modest: TestDatabase;
  role: string;
}

/** Returns an object whose members are set before each test. */
export function restrictedRole(): Restricted {
  const given = {} as Restricted;
  beforeAll(async () => {
    given.loading = await openLoading();
  });
  afterAll(() => given.loading.close());
  beforeEach(async () => {
    const db = await createDatabase();
    const role = `role_${randomBytes(6).toString('hex')}`;
    await db.plain(`create role ${role} login; grant all on all tables in schema public to ${role};
      create schema sales; grant usage on schema sales to ${role}`);
    const connection = { ...db.connection, user: role };
    const modest = { ...db, connection, pool: createPool(connection, () => {}) };
    Object.assign(given, { db, modest, role });
  });
  afterEach(async () => {
    const { db, modest, role } = given;
    await modest.pool.end();
    await db.plain(`drop owned by ${role}; drop role ${role}; do $$ begin
      if to_regrole('${role}_owner') is not null then drop owned by ${role}_owner cascade; drop role ${role}_owner; end if; end $$`);
    await db.drop();
  });
  return given;
}
