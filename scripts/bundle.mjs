// The command line's bundle (packages/cli/bundle): its own compiled files, those of shared and commander's as a few files,
// so that `csvjobs list` loads 2 of them instead of 46. Other dependencies stay what they are: packages, loaded when needed.
// Run by `npm run build` and `npm run setup`, after tsc.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = resolve(dirname(fileURLToPath(import.meta.url)), '../packages/cli');
const dist = join(cli, 'dist');
const folder = join(cli, 'bundle');

/** What is drawn with Ink, which is an ES module that CommonJS cannot load: these stay ES modules, by themselves. Under dist/ui. */
const VIEWS = ['live', 'liveBoard', 'map/mapScreen'];

/** Bundles what tsc has made. */
export async function bundle() {
  // Not at the top: setup.mjs loads this file before anything is installed.
  const { build } = await import('rolldown');
  rmSync(folder, { recursive: true, force: true });
  const common = { platform: 'node', external: isPackage, logLevel: 'warn' };
  await build({
    ...common,
    input: join(dist, 'main.js'),
    plugins: [core(), views()],
    // That what is loaded on demand is in the core all the same is the purpose of the core.
    checks: { ineffectiveDynamicImport: false },
    // CommonJS: node starts 1.15 times as long with an ES module, and a bundle of these was no better than none.
    output: { dir: folder, format: 'cjs', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js' },
  });
  await build({
    ...common,
    input: Object.fromEntries(VIEWS.map((path) => [basename(path), join(dist, 'ui', `${path}.js`)])),
    output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
  });
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  // Its licence wants to be where its text is.
  copyFileSync(
    join(dirname(fileURLToPath(import.meta.resolve('commander'))), 'LICENSE'),
    join(folder, 'LICENSE-commander'),
  );
}

/** What is left out. Commander is in: to find and read its files was a tenth of the time that `list` takes. */
function isPackage(id) {
  return !/^[./\0]/.test(id) && !id.startsWith('@csvjobs/shared') && id !== 'commander';
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
