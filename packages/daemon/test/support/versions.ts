/** The PostgreSQL for the tests: the private server's, or that of TEST_POSTGRES (set by scripts/test.mjs). */
import { join } from 'node:path';
import { postgresFolder } from '../../../../scripts/postgresVersions.mjs';
import { type Binaries, findBinaries, mendLinks } from '../../src/embedded/postgres/binaries.js';

/** Its major version; 18 is the private server's. */
export const TESTED_VERSION = Number(process.env.TEST_POSTGRES || 18);

/** The programs of the tested version. */
export function testedBinaries(): Binaries {
  return process.env.TEST_POSTGRES ? binariesOf(process.env.TEST_POSTGRES) : findBinaries();
}

/** The programs of an older major version; hasPostgres (scripts/postgresVersions.mjs) says whether they exist. */
export function binariesOf(version: string): Binaries {
  const native = postgresFolder(version);
  if (!native) throw new Error(`no PostgreSQL ${version} is installed for the tests`);
  mendLinks(native);
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}
