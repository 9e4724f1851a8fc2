// What the package of the command line ships (packages/cli/bundle): its own compiled files and all that they import, as a few
// files; beside them the views, and the part of the daemon that reads local files. So `npm install csvjobs` installs one
// package of 5 MB instead of 47 of 37 MB, `csvjobs list` loads 2 files instead of 46, and `csvjobs check` needs no daemon.
// Run by `npm run build` and `npm run setup`, after tsc.
import { rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLicences } from './bundledLicences.mjs';

const packages = resolve(dirname(fileURLToPath(import.meta.url)), '../packages');
const dist = join(packages, 'cli/dist');
const folder = join(packages, 'cli/bundle');

/** What is drawn with Ink, which is an ES module that CommonJS cannot load: these stay ES modules, by themselves. Under dist/ui. */
const VIEWS = ['live', 'liveBoard', 'map/mapScreen', 'preview/showPreview'];

/** Bundles what tsc has made. */
export async function bundle() {
  // Not at the top: setup.mjs loads this file before anything is installed.
  const { build } = await import('rolldown');
  rmSync(folder, { recursive: true, force: true });
  const common = {
    platform: 'node',
    logLevel: 'warn',
    // That what is loaded on demand is in the core all the same is the purpose of the core; of a view it is no matter.
    checks: { ineffectiveDynamicImport: false },
  };
  const program = await build({
    ...common,
    input: join(dist, 'main.js'),
    plugins: [core(), views(), undici()],
    // CommonJS: node starts 1.15 times as long with an ES module, and a bundle of these was no better than none.
    output: { dir: folder, format: 'cjs', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js' },
  });
  const drawn = await build({
    ...common,
    input: Object.fromEntries(VIEWS.map((path) => [basename(path), join(dist, 'ui', `${path}.js`)])),
    plugins: [withoutDevtools()],
    // React has a slower form for those who develop with it, which also keeps what it has drawn.
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
  });
  const files = await build({
    ...common,
    input: join(packages, 'daemon/dist/files/main.js'),
    // The reading thread loads it for a file in a bucket, and the command line reads files of its machine only. 12 MB.
    external: ['@aws-sdk/client-s3'],
    output: {
      dir: join(folder, 'files'),
      format: 'esm',
      entryFileNames: 'main.js',
      chunkFileNames: '[name]-[hash].js',
    },
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  writeFileSync(join(folder, 'files/package.json'), '{ "type": "module" }\n');
  writeLicences(
    [program, drawn, files].flatMap(({ output }) => output.flatMap(({ moduleIds = [] }) => moduleIds)),
    join(folder, 'LICENCES.md'),
  );
}

/** What nearly every call needs, and `list`, in one file: `main` asks for the program and gets it with these. */
function core() {
  const CORE = '\0core';
  const parts = ['program', 'client/daemonClient', 'commands/list'].map((name) => join(dist, `${name}.js`));
  return {
    name: 'core',
    resolveId: (id, importer) =>
      id === './program.js' && importer === join(dist, 'main.js') ? CORE : undefined,
    load: (id) =>
      id === CORE ? parts.map((part) => `export * from ${JSON.stringify(part)};`).join('\n') : undefined,
  };
}

/** The views are loaded from beside the bundle. They share no state with it: all they draw is handed to them. */
function views() {
  return {
    name: 'views',
    resolveId(id, importer, { kind }) {
      if (id === 'ink') throw new Error(`${importer} draws with Ink, but is in no view: see VIEWS`);
      const view = VIEWS.find((each) => id.endsWith(`/ui/${each}.js`) && !id.startsWith('/'));
      if (view && kind !== 'dynamic-import') throw new Error(`${importer} must load ${id} with import()`);
      return view && { id: `./${basename(view)}.mjs`, external: true };
    },
  };
}

/**
 * undici as far as the command line calls it, and fetch only when asked for. All of it, with caches, mocks, cookies and
 * WebSocket, takes 0.065 CPU seconds more of each upload; its cookies also load Node's own copy of undici.
 */
function undici() {
  const CALLED = '\0undici';
  return {
    name: 'undici',
    resolveId: (id) => (id === 'undici' ? CALLED : undefined),
    load: (id) =>
      id === CALLED
        ? `const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
           Object.assign(Dispatcher.prototype, require('undici/lib/api/index.js'));
           module.exports = {
             get Agent() { return require('undici/lib/dispatcher/agent.js'); },
             get EnvHttpProxyAgent() { return require('undici/lib/dispatcher/env-http-proxy-agent.js'); },
             get fetch() { return require('undici/lib/web/fetch/index.js').fetch; },
             get Headers() { return require('undici/lib/web/fetch/headers.js').Headers; },
           };`
        : undefined,
  };
}

/** With DEV=true Ink connects to React's tools for developers, which are not there. */
function withoutDevtools() {
  const NOTHING = '\0nothing';
  return {
    name: 'without devtools',
    resolveId: (id, importer) =>
      id === './devtools.js' && /[\\/]ink[\\/]build[\\/]/.test(importer ?? '') ? NOTHING : undefined,
    load: (id) => (id === NOTHING ? '' : undefined),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
