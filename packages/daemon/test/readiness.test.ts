import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskRoom, schemaState } from '../src/readiness.js';
import { migrate } from '../src/sql/migrate.js';
import { createDatabase } from './support/postgres.js';

test('a schema that misses a migration is not well, and says what to do', async () => {
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

test('a folder with room is well, one that is not there is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-disk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(await diskRoom(folder)).toMatch(/^\d+\.\d GB free for uploads$/);
  await expect(diskRoom(join(folder, 'missing'))).rejects.toThrow('ENOENT');
});
