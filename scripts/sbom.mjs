// `node scripts/sbom.mjs <folder>` writes what each package is made of, as CycloneDX (npm sbom): of shared and the daemon what an
// installation brings along, of the command line what is in its bundle.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const folder = resolve(process.argv[2] ?? 'sbom');
mkdirSync(folder, { recursive: true });

for (const name of ['shared', 'daemon']) write(name, sbom(name, '--omit=dev'));
// It has no dependencies: all that it needs at work is in its bundle, whose licences name it.
const licences = readFileSync(join(root, 'packages/cli/bundle/LICENCES.md'), 'utf8');
const bundled = new Set(
  [...licences.matchAll(/^## (\S+) (\S+)$/gm)].map(([, name, version]) => `${name}@${version}`),
);
const all = sbom();
const components = all.components.filter(({ purl }) => bundled.has(nameOf(purl)));
const known = new Set(components.map(({ purl }) => nameOf(purl)));
const unknown = [...bundled].filter((each) => !known.has(each));
if (unknown.length > 0) throw new Error(`npm sbom does not know ${unknown.join(', ')}`);
const { metadata } = sbom('cli', '--omit=dev');
write('cli', { ...all, metadata, components, dependencies: [] });

function sbom(name, ...options) {
  const of = name === undefined ? [] : ['--workspace', `packages/${name}`];
  const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', ...of, ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(text);
}

/** pkg:npm/%40scope/name@1.2.3 */
function nameOf(purl = '') {
  return decodeURIComponent(purl.replace(/^pkg:npm\//, '').replace(/\?.*/, ''));
}

function write(name, document) {
  writeFileSync(join(folder, `${name}.cdx.json`), `${JSON.stringify(document, null, 2)}\n`);
}
