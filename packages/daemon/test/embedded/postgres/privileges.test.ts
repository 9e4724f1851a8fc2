import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBinaries } from '../../../src/embedded/postgres/binaries.js';
import { chooseOwner, chooseRunAs } from '../../../src/embedded/postgres/privileges.js';
import { temporaryFolder } from '../fixtures.js';

describe('the user that runs PostgreSQL', () => {
  it('can use programs and data in a folder that is closed to it, as in a clone under /root', () => {
    const closed = temporaryFolder();
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    cpSync(dirname(dirname(findBinaries().postgres)), join(closed, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const data = join(closed, 'data');
    const owner = chooseOwner(data);
    mkdirSync(data, { mode: 0o700 });
    if (owner !== undefined) chownSync(data, owner.uid, owner.gid);

    const as = chooseRunAs(owner, join(closed, 'native/bin/postgres'), [data]);
    const made = spawnSync(
      ...as.command(join(closed, 'native/bin/initdb'), ['-D', data, '-U', 'postgres', '--no-sync']),
      {
        ...as.options,
        encoding: 'utf8',
      },
    );
    expect(made.stderr).not.toMatch(/error/i);
    expect(made.status).toBe(0);
    expect(statSync(join(data, 'PG_VERSION')).uid).not.toBe(0);
    expect(chooseOwner(data)).toEqual(owner);
  });

  it('gives advice if the programs are unreachable', () => {
    const owner = { uid: 65534, gid: 65534 };
    expect(() => chooseRunAs(owner, '/no/such/postgres', [])).toThrow(/normal user.*DATABASE_URL/s);
  });
});
