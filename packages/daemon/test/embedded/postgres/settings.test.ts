import { describe, expect, it } from 'vitest';
import { settingsFor } from '../../../src/embedded/postgres/settings.js';

const GB = 2 ** 30;
const MB = 2 ** 20;

function settings(
  machine: Partial<Parameters<typeof settingsFor>[0]> = {},
  folder = '/run',
): Record<string, string> {
  const text = settingsFor(
    { memory: 16 * GB, cores: 8, freeDisk: 500 * GB, sharedMemory: 8 * GB, ...machine },
    folder,
  );
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(' = ') as [string, string]));
}

describe('settings for a machine', () => {
  it.each([
    [
      'a large server',
      { memory: 256 * GB, cores: 64, freeDisk: 4000 * GB, sharedMemory: 128 * GB },
      '4096MB',
      '8192MB',
      'posix',
    ],
    ['a laptop', { memory: 16 * GB, freeDisk: 40 * GB }, '4096MB', '5120MB', 'posix'],
    [
      'a small container',
      { memory: 512 * MB, freeDisk: GB, sharedMemory: 64 * MB },
      '128MB',
      '256MB',
      'mmap',
    ],
  ])('fit %s', (_, machine, sharedBuffers, maxWalSize, sharedMemoryType) => {
    const { shared_buffers, max_wal_size, dynamic_shared_memory_type } = settings(machine);
    expect([shared_buffers, max_wal_size, dynamic_shared_memory_type]).toEqual([
      sharedBuffers,
      maxWalSize,
      sharedMemoryType,
    ]);
  });

  it('never sacrifice durability', () => {
    const { fsync, synchronous_commit, full_page_writes } = settings({
      memory: 64 * MB,
      cores: 1,
      freeDisk: 0,
    });
    expect([fsync, synchronous_commit, full_page_writes]).toEqual(['on', 'on', 'on']);
  });

  it('quote the socket folder', () => {
    expect(settings({}, "/home/o'brien/run").unix_socket_directories).toBe(`'"/home/o''brien/run"'`);
    expect(settings({}, String.raw`/a\b, "c"`).unix_socket_directories).toBe(String.raw`'"/a\\b, ""c"""'`);
  });
});
