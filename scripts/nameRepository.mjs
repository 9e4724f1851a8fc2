// `node scripts/nameRepository.mjs https://github.com/owner/name [folder]`: writes into the package.json of each package that is
// published where its sources, its home page and its list of issues are. The release workflow runs it, as it alone knows where
// it runs; npm refuses a provenance that is of another repository.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [url = '', folder = resolve(dirname(fileURLToPath(import.meta.url)), '..')] = process.argv.slice(2);
if (!/^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(url)) {
  console.error(`"${url}" is not the address of a repository, such as https://github.com/owner/name`);
  process.exit(2);
}
for (const name of ['shared', 'daemon', 'cli']) {
  const file = join(folder, 'packages', name, 'package.json');
  const described = {
    ...JSON.parse(readFileSync(file, 'utf8')),
    homepage: `${url}#readme`,
    bugs: `${url}/issues`,
    repository: { type: 'git', url: `git+${url}.git`, directory: `packages/${name}` },
  };
  writeFileSync(file, `${JSON.stringify(described, null, 2)}\n`);
}
