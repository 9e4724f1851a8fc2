/** What GET /readyz asks of the servers: each check gives a word on how it is, or throws what is not well. */
import { access, constants, statfs } from 'node:fs/promises';
import { pendingMigrations } from './sql/migrate.js';
import type { Pool } from './sql/pool.js';

/** With the schema of our tables where that is not `public`. @throws the error of the connection when PostgreSQL is not there */
export async function databaseVersion(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ version: string; schema: string }>(
    `select current_setting('server_version') as version, current_schema()::text as schema`,
  );
  const { version, schema } = rows[0]!;
  return `PostgreSQL ${version}${schema === 'public' ? '' : `, schema ${schema}`}`;
}

/** Less than this is as good as none: an upload under way takes it in a moment. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;

/** @throws when the folder of the uploads cannot be written, or its disk is as good as full */
export async function diskRoom(folder: string): Promise<string> {
  await access(folder, constants.W_OK | constants.X_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const word = `${(free / 1e9).toFixed(1)} GB free for uploads`;
  if (free < LEAST_FREE_BYTES) throw new Error(`${word}, too little; make room on the disk of ${folder}`);
  return word;
}

/** @throws when the schema is older than this program needs, after a migration was taken back for one */
export async function schemaState(pool: Pool): Promise<string> {
  const pending = await pendingMigrations(pool);
  if (pending.length > 0) throw new Error(`not migrated yet: ${pending.join(', ')}; run: csvjobsd migrate`);
  return 'up to date';
}
