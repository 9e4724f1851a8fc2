import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockDataDir } from '../../src/embedded/dataDirLock.js';
import { processIdentity } from '../../src/embedded/processes.js';
import { kill, temporaryFolder } from './fixtures.js';

const locked = { code: 'data_dir_locked' };

describe('the lock of a data folder', () => {
  it('has one holder, and is free again after a release', async () => {
    const folder = temporaryFolder();
    const lock = await lockDataDir(folder);
    await expect(lockDataDir(folder)).rejects.toMatchObject(locked);
    lock.release();
    lock.release();
    const again = await lockDataDir(folder);
    again.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to exactly one of many simultaneous callers', async () => {
    const folder = temporaryFolder();
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockDataDir(folder)));
      const winners = results.filter((result) => result.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      winners[0]!.value.release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is free when its holder is gone, even if its process ID is in use again', async () => {
    const folder = temporaryFolder();
    const claim = (name: string, pid: number, when: string) => {
      writeFileSync(join(folder, `${name}.claim`), JSON.stringify({ name, pid, incarnation: when }));
      writeFileSync(join(folder, `${name}.held`), '');
    };
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const then = (await processIdentity(child.pid!))!;
    claim('daemon-gone', child.pid!, then);
    await expect(lockDataDir(folder)).rejects.toThrow(`process ${child.pid}`);
    await kill(child);
    claim('daemon-reused', process.pid, 'another time');
    writeFileSync(join(folder, 'daemon-empty.claim'), '');
    (await lockDataDir(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
