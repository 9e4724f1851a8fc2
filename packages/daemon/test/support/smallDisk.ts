/** A disk of a few KiB that tests fill up: a tmpfs, which needs the right to mount. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  folder: string;
  remove(): void;
}

/** The message of a test skipped without one. */
export const NO_MOUNTS =
  'NOT TESTED: this user may not mount a small disk (run it as root, with CAP_SYS_ADMIN)';

/** Undefined if mounts are not allowed. `bytes` is rounded up to pages. */
export function smallDisk(bytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0777`, 'tmpfs', folder], {
      stdio: 'pipe',
    });
  } catch {
    rmSync(folder, { recursive: true });
    process.stderr.write(`${NO_MOUNTS}\n`);
    return undefined;
  }
  return {
    folder,
    remove() {
      // Lazily: a process may still have a file open on it.
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
