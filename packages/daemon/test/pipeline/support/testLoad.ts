import { afterAll } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, openLoading } from './loading.js';

/** Opens what a test file needs to load jobs into its own database, and closes it after its last test. */
export async function openTestLoad(): Promise<{ loading: Loading; db: TestDatabase }> {
  const [loading, db] = await Promise.all([openLoading(), createDatabase()]);
  afterAll(async () => {
    await loading.close();
    await db.drop();
  });
  return { loading, db };
}
