// `node scripts/sbom.mjs <folder>` writes what each package is made of, as CycloneDX: of shared and the daemon what an installation
// brings along, of the command line what is in its bundle. Both are cut from what `npm sbom` says of the whole workspace: of one
// package, or without what is for development, it leaves out what others have in common with it (npm 11.19).
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = resolve(process.argv[2] ?? 'sbom');
const output = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
});
const all = JSON.parse(output);
const needs = new Map(all.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));

mkdirSync(folder, { recursive: true });
for (const name of ['shared', 'daemon']) write(name, withAllNeeded(directOf(name)));
// It has no dependencies: all that it needs at work is in its bundle, whose licences name it.
const licences = readFileSync(join(root, 'packages/cli/bundle/LICENCES.md'), 'utf8');
write(
  'cli',
  new Set([...licences.matchAll(/^## (\S+) (\S+)$/gm)].map(([, name, version]) => `${name}@${version}`)),
);

/** What the manifest names, as name@version; the workspace needs more of it for development. */
function directOf(name) {
  const { dependencies = {}, ...manifest } = manifestOf(name);
  return needs
    .get(`${manifest.name}@${manifest.version}`)
    .filter((ref) => Object.hasOwn(dependencies, ref.replace(/@[^@]*$/, '')));
}

function withAllNeeded(refs) {
  const found = new Set();
  for (const open = [...refs]; open.length > 0; ) {
    const ref = open.pop();
    if (found.has(ref)) continue;
    found.add(ref);
    const own = ['shared', 'daemon'].find((name) => ref.startsWith(`@csvjobs/${name}@`));
    open.push(...(own ? directOf(own) : (needs.get(ref) ?? [])));
  }
  return found;
}

/** @throws where npm does not know a part: the document would be silent about it */
function write(name, refs) {
  const { name: id, version } = manifestOf(name);
  const own = all.components.find((each) => each['bom-ref'] === `${id}@${version}`);
  const components = all.components.filter((each) => refs.has(each['bom-ref']));
  const unknown = [...refs].filter((ref) => !components.some((each) => each['bom-ref'] === ref));
  if (unknown.length > 0) throw new Error(`npm sbom does not know ${unknown.join(', ')}`);
  const metadata = { ...all.metadata, component: { ...own, type: 'application' } };
  const dependencies = all.dependencies.filter(({ ref }) => refs.has(ref));
  const document = { ...all, metadata, components, dependencies };
  writeFileSync(join(folder, `${name}.cdx.json`), `${JSON.stringify(document, null, 2)}\n`);
}

function manifestOf(name) {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
}
