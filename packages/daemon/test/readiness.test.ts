import { expect, test } from 'vitest';
import { schemaState } from '../src/readiness.js';
import { migrate } from '../src/sql/migrate.js';
import { createDatabase } from './support/postgres.js';

test('a schema with a missing migration is not ready, with advice', async () => {
  const database = await createDatabase();
  try {
    expect(await schemaState(database.pool)).toBe('up to date');
    const {
      ran: [taken],
    } = await migrate(database.connection, { direction: 'down', count: 1 });
    await expect(schemaState(database.pool)).rejects.toThrow(
      `not migrated yet: ${taken}; run: csvjobsd migrate`,
    );
    await migrate(database.connection);
    expect(await schemaState(database.pool)).toBe('up to date');
  } finally {
    await database.drop();
  }
});
