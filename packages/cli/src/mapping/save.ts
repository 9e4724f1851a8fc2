/** Saves a mapping's spec to a file. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SpecInput } from '@csvjobs/shared';
import { toYaml } from '../text/yaml.js';

export type Saved = { saved: true } | { saved: false; exists: boolean; why: string };

/** Returns the proposed path of the spec: beside the file. */
export function proposedPath(file: string): string {
  return `${file === '-' ? 'stdin' : file}.spec.yaml`;
}

/** Writes a spec as YAML. Replaces an existing file only if `overwrite` is true. */
export async function saveSpec(
  path: string,
  spec: SpecInput,
  { cwd, overwrite }: { cwd: string; overwrite: boolean },
): Promise<Saved> {
  try {
    await writeFile(resolve(cwd, path), `${toYaml(spec)}\n`, { flag: overwrite ? 'w' : 'wx' });
    return { saved: true };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { saved: false, exists: code === 'EEXIST', why: WHY[code ?? ''] ?? message };
  }
}

const WHY: Record<string, string> = {
  EEXIST: 'the file already exists',
  ENOENT: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not write there',
};
