/** What a process of Node has loaded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the files that ran, by the coverage that Node itself writes into the folder of NODE_V8_COVERAGE. */
export function loadedFiles(coverage: string): string[] {
  const files = readdirSync(coverage).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
      result: { url: string }[];
    };
    return result.map(({ url }) => url);
  });
  return [...new Set(files)].filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
}

/** Whether it is a file of zod, or one of the bundle with zod in it, whose comments name the sources. */
export function hasZod(file: string): boolean {
  return /\bnode_modules[\\/]zod[\\/]/.test(file + readFileSync(file, 'utf8'));
}
