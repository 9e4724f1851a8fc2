/** The resources of the machine, or of the container. */
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface Machine {
  /** Usable memory in bytes: the container's limit if there is one. */
  memory: number;
  cores: number;
  /** Bytes available to this user on the file system of the data folder. */
  freeDisk: number;
  /** Capacity of POSIX shared memory (/dev/shm) in bytes; 0 if there is none. Docker gives 64 MiB. */
  sharedMemory: number;
}

/** Reads the current state of the machine. */
export function lookAtMachine(dataDir: string): Machine {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return {
    // Without a limit, Node returns 0, undefined or more than there is.
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
