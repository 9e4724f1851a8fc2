import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let lock: string;
let counter: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csvjobs-lock-'));
  lock = join(folder, 'cache/setup.lock');
  counter = join(folder, 'counter');
  writeFileSync(counter, '0');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function hold(): Promise<number> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('holdLock.mjs', import.meta.url)), lock, counter],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = await once(child, 'exit');
  return code;
}

describe('the lock of a set-up', () => {
  it('lets one work at a time', async () => {
    expect(await Promise.all([hold(), hold(), hold(), hold()])).toEqual([0, 0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('4');
    expect(existsSync(lock)).toBe(false);
  });

  it('is taken over by one of several when its holder is gone', async () => {
    mkdirSync(lock, { recursive: true });
    // This process lives, but it did not start at that time.
    writeFileSync(join(lock, 'owner'), `${process.pid} another time`);
    expect(await Promise.all([hold(), hold(), hold()])).toEqual([0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('3');
    expect(existsSync(lock)).toBe(false);
  });
});
