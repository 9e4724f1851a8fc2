/**
 * `csvjobsd adopt-uploads`: gives the upload folder to the configured database, on a person's explicit
 * request.
 */
import { withNoun } from '@csvjobs/shared';
import type { Config } from './config.js';
import type { Log } from './log.js';
import { migrateDirectly } from './migrating.js';
import { Releasers } from './releasers.js';
import { findServers } from './servers.js';
import { createPool } from './sql/pool.js';
import { openStore } from './storage/openStore.js';
import { adoptUploads } from './uploadFolder.js';

/** Returns the message for the person. @throws errors of PostgreSQL and of the file system */
export async function adopt(config: Config, log: Log): Promise<string> {
  const releasers = new Releasers();
  try {
    const servers = await findServers(config, log, releasers, () => {}, { redis: false });
    const { home } = await migrateDirectly(servers);
    const pool = createPool({ ...servers.connection, searchPath: home.searchPath }, () => {});
    releasers.add('the connections to PostgreSQL', () => pool.end());
    const store = await openStore(config);
    const { files, unknown, missing } = await adoptUploads(pool, store);
    const whose = `${store.name} now belongs to the configured database`;
    const lost =
      missing === 0
        ? ''
        : `\nIt lacks ${withNoun(missing, 'file')} of unfinished jobs or uploads; these jobs fail with file_missing.`;
    if (unknown === 0)
      return `${whose}: ${withNoun(files, 'file')}, each of which belongs to one of its jobs${lost}`;
    return (
      `${whose}: ${withNoun(files, 'file')}, ${unknown} of which belong to no job of this database.\n` +
      'The next daemon removes these as orphans (after ORPHAN_AGE); move away what you want to keep before you start one.' +
      lost
    );
  } finally {
    await releasers.releaseAll();
  }
}
