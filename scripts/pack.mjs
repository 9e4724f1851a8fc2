// Run by npm before and after it packs a package (`prepack`, `postpack`), in that package's folder: brings in what
// stands at the top of the repository once for all (the licence, the changes; for the daemon, the migrations) and takes it out
// again, because a copy left in dist would go before the originals. What was compiled from a source that is gone, goes.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const here = process.cwd();
const { name, bin, exports } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const brought = [
  ['LICENSE', 'LICENSE'],
  ['RELEASE_NOTES.md', 'CHANGELOG.md'],
  ...(name === '@csvjobs/daemon' ? [['migrations', 'dist/migrations']] : []),
];

if (process.argv[2] === 'before') {
  const entry = name === 'csvjobs' ? 'bundle/main.js' : bin ? 'dist/main.js' : exports['.'].default;
  if (!existsSync(join(here, entry))) {
    console.error(`${name}: ${entry} is missing; run "npm run build" at the top of the repository first`);
    process.exit(1);
  }
  removeOutdated();
  for (const [from, to] of brought) cpSync(join(root, from), join(here, to), { recursive: true });
  unlink(join(here, 'CHANGELOG.md'));
} else {
  for (const [, to] of brought) rmSync(join(here, to), { recursive: true, force: true });
}

/** tsc leaves them: they would be published, and say of themselves what holds no more. */
function removeOutdated() {
  const [sources, compiled] = [join(here, 'src'), join(here, 'dist')];
  if (!existsSync(sources) || !existsSync(compiled)) return;
  for (const path of readdirSync(compiled, { recursive: true })) {
    const [, name] = /^(.*?)\.(?:js|d\.ts|js\.map)$/.exec(path) ?? [];
    if (name === undefined || name.startsWith('migrations')) continue;
    if (!['.ts', '.tsx', '.mts'].some((ending) => existsSync(join(sources, name + ending))))
      rmSync(join(compiled, path));
  }
}

/** Names the documents of the repository instead of linking to them: no package has them. */
function unlink(document) {
  const text = readFileSync(document, 'utf8');
  writeFileSync(
    document,
    text.replace(/\[([^\]]+)\]\((?!https:)([^)]+)\)/g, (_, words, path) =>
      words === path ? path : `${words} (${path})`,
    ),
  );
}
