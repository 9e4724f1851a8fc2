/** What the machine, or the container, has to give. */
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface Machine {
  /** Bytes of memory that may be used: the container's limit where there is one. */
  memory: number;
  cores: number;
  /** Bytes free for us on the file system of the data folder. */
  freeDisk: number;
  /** Bytes that POSIX shared memory (/dev/shm) can hold; 0 where there is none. Docker gives 64 MiB. */
  sharedMemory: number;
}

/** Looks at the machine as it is now. */
export function lookAtMachine(dataDir: string): Machine {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    // Without a limit Node says 0, undefined or more than there is.
    memory: limit > 0 && limit < total ? limit : total,
    cores: availableParallelism(),
    freeDisk: space(dataDir, 'bavail'),
    sharedMemory: space('/dev/shm', 'blocks'),
  };
}

function space(folder: string, kind: 'bavail' | 'blocks'): number {
  try {
    const found = statfsSync(folder);
    return found[kind] * found.bsize;
  } catch {
    return 0;
  }
}
