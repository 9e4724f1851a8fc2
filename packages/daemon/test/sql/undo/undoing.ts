/** Loaded and undone jobs, for tests. */
import type { Spec, TableName, UndoResult } from '@csvjobs/shared';
import { connect } from '../../../src/sql/pool.js';
import { countChanges } from '../../../src/sql/undo/changedOthers.js';
import { keepTransaction } from '../../../src/sql/undo/transactionIds.js';
import { undoJob } from '../../../src/sql/undo/undoJob.js';
import { type Loading, openLoading } from '../../pipeline/support/loading.js';
import { makeTargetJob, runToEnd } from '../../pipeline/target/support.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

export interface Undoing {
  loading: Loading;
  database: TestDatabase;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Loads records into a table, by default in the schema `u`. */
  into(
    table: string,
    header: string[],
    records: (string | number)[][],
    how?: { lanes?: number; spec?: Spec; schema?: string },
  ): Promise<string>;
  /** Writes rows of u.t in one transaction, as a batch of the job does. */
  writeAs(id: string, statements: string[], counts: { inserted: number; updated?: number }): Promise<void>;
  /** Loads customers with these e-mails. */
  customers(emails: readonly string[], lanes?: number): Promise<string>;
  undo(id: string, dryRun?: boolean): Promise<UndoResult>;
  close(): Promise<void>;
}

export async function openUndoing(): Promise<Undoing> {
  const [loading, database] = await Promise.all([openLoading(), createDatabase()]);
  await database.pool.query('create schema u');
  return {
    loading,
    database,
    sql: async (text, values) => (await database.pool.query(text, values)).rows,
    async into(name, header, records, { lanes = 2, spec, schema = 'u' } = {}) {
      const table: TableName = { schema, name };
      const texts = records.map((record) => record.map(String));
      const file = { table, header, records: texts, ...(spec && { spec }) };
      const id = await makeTargetJob(loading, database.pool, file);
      await runToEnd(loading, database, id, { lanes });
      return id;
    },
    async writeAs(id, statements, counts) {
      const client = await connect(database.connection, 'test');
      try {
        await client.query('begin');
        await countChanges(client, 'u.t');
        for (const statement of statements) await client.query(statement);
        await keepTransaction(client, id, counts);
        await client.query('commit');
      } finally {
        await client.end();
      }
    },
    async customers(emails, lanes = 2) {
      const lines = emails.map((email, at) => `N${at},${email},+4930123456,C`);
      const text = Buffer.from(`name,email,phone,company\n${lines.join('\n')}\n`);
      const id = await loading.makeJob(database.pool, text);
      await loading.load(database, id, lanes);
      return id;
    },
    undo: (id, dryRun = false) => undoJob(database.pool, id, { by: 'tester', dryRun }),
    async close() {
      await loading.close();
      await database.drop();
    },
  };
}

export const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
