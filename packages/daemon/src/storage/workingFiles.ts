/**
 * Files of this machine that jobs work with, whatever the store is: what a run would otherwise have to
 * compute again (logs of keys), and the start of a previewed file. They are expendable. An upload folder
 * keeps them beside the files.
 */
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainedWrite } from './explainedWrite.js';
import { checkedId, isFileId } from './fileId.js';
import type { FileSource } from './source.js';

export interface WorkingFiles {
  /** Where the pipeline keeps what it would otherwise have to compute again, until the job is completed. */
  emailsPath(id: string): string;
  /** Removes it; does nothing if there is none. If it cannot be removed, it goes with the file. */
  forgetEmails(id: string): Promise<void>;
  /**
   * Puts bytes where the reading thread can read them, until `removeScratch`.
   * @throws {Failure} `disk_full`, `unavailable`
   */
  writeScratch(id: string, bytes: Uint8Array): Promise<FileSource>;
  removeScratch(id: string): Promise<void>;
  /**
   * Removes unneeded working files: those of files that are not kept, if not written to for a while. Another
   * machine may have removed the file.
   */
  sweepWorkingFiles(kept: ReadonlySet<string>, ageMs: number): Promise<void>;
}

/** @param scratch the folder of the short-lived files, as `<id>.part` */
export function createWorkingFiles(folder: string, scratch = folder): WorkingFiles {
  const emailsPath = (id: string) => join(folder, `${checkedId(id)}.emails`);
  const scratchPath = (id: string) => join(scratch, `${checkedId(id)}.part`);
  return {
    emailsPath,
    forgetEmails: (id) => rm(emailsPath(id), { force: true }),
    writeScratch: async (id, bytes) => {
      const path = scratchPath(id);
      try {
        await writeFile(path, bytes, { mode: 0o600 });
      } catch (error) {
        await rm(path, { force: true }).catch(() => {});
        throw explainedWrite(error);
      }
      return { kind: 'file', path };
    },
    removeScratch: (id) => rm(scratchPath(id), { force: true }),
    sweepWorkingFiles: async (kept, ageMs) => {
      for (const name of await readdir(folder)) {
        const [, id = ''] = /^(.{36})\.(?:emails(?:\..+)?|part)$/.exec(name) ?? [];
        if (!isFileId(id) || kept.has(id)) continue;
        const path = join(folder, name);
        const written = await stat(path).catch(() => undefined);
        if (written && Date.now() - written.mtimeMs >= ageMs) await rm(path, { force: true });
      }
    },
  };
}
