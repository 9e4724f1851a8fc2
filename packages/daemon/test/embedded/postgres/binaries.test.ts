import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBinaries, mendLinks } from '../../../src/embedded/postgres/binaries.js';
import { temporaryFolder } from '../fixtures.js';

/** A package folder with one library and the list of its links. */
function nativeFolder(): string {
  const native = join(temporaryFolder(), 'native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  writeFileSync(join(native, 'lib/libx.so.1.2'), 'library');
  const links = ['libx.so', 'libx.so.1'].map((name) => ({
    source: 'native/lib/libx.so.1.2',
    target: `native/lib/${name}`,
  }));
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  return native;
}

describe('the programs of PostgreSQL', () => {
  it('exist and run', () => {
    const { postgres, initdb } = findBinaries();
    for (const program of [postgres, initdb]) {
      expect(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout).toContain('(PostgreSQL) 18.4');
    }
  });

  it('get links that are missing or wrong', () => {
    const native = nativeFolder();
    symlinkSync('libx.so.0', join(native, 'lib/libx.so'));
    mendLinks(native);
    for (const name of ['libx.so', 'libx.so.1']) {
      expect(readlinkSync(join(native, 'lib', name))).toBe('libx.so.1.2');
      expect(readFileSync(join(native, 'lib', name), 'utf8')).toBe('library');
    }
    mendLinks(native);
  });

  it('keep a copy in place of a link', () => {
    const native = nativeFolder();
    writeFileSync(join(native, 'lib/libx.so'), 'a copy');
    mendLinks(native);
    expect(readFileSync(join(native, 'lib/libx.so'), 'utf8')).toBe('a copy');
  });

  it('need no links on platforms without them', () => {
    const native = nativeFolder();
    rmSync(join(native, 'pg-symlinks.json'));
    expect(() => mendLinks(native)).not.toThrow();
  });

  it('give advice if a link cannot be created', () => {
    const native = nativeFolder();
    rmSync(join(native, 'lib'), { recursive: true });
    writeFileSync(join(native, 'lib'), 'not a folder');
    expect(() => mendLinks(native)).toThrow(/cannot be created.*may write.*DATABASE_URL/s);
  });
});
