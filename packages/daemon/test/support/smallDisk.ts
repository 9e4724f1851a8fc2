/** A disk of a few KiB, to be filled: a tmpfs, which needs the right to mount. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  folder: string;
  remove(): void;
}

/** What a test that is skipped for want of one says. */
export const NO_MOUNTS =
  'NOT TESTED: this user may not mount a small disk (run it as root, with CAP_SYS_ADMIN)';

/** Undefined where mounts are not allowed. `bytes` are rounded up to pages. */
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
      // Lazily: who had a file open on it may not have closed it yet.
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
