/** A start waits for PostgreSQL, but not if PostgreSQL refuses the daemon: only another configuration helps. */
import { expect, test } from 'vitest';
import { createLog } from '../src/log.js';
import { connect } from '../src/sql/pool.js';
import { whenDatabaseAnswers } from '../src/waiting.js';
import { createDatabase } from './support/postgres.js';

const log = createLog('silent', { write() {} });

test.each([
  ['role', { user: 'nobody_there' }, 'role "nobody_there" does not exist'],
  ['database', { database: 'none_there' }, 'database "none_there" does not exist'],
])('a %s that does not exist ends the start', async (_, wrong, message) => {
  const database = await createDatabase();
  try {
    const started = whenDatabaseAnswers(
      async () => (await connect({ ...database.connection, ...wrong }, 'csvjobs tests')).end(),
      log,
      AbortSignal.timeout(150_000),
    );
    await expect(started).rejects.toThrow(message);
  } finally {
    await database.drop();
  }
});
