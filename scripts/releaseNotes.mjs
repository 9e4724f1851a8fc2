// `node scripts/releaseNotes.mjs v1.2.3 [folder]` prints the chapter of this version from RELEASE_NOTES.md, for the release of
// the tag. Exit 1 where there is none, where it says that it is unreleased, or where a package has another version.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [tag = '', folder = resolve(dirname(fileURLToPath(import.meta.url)), '..')] = process.argv.slice(2);
const version = tag.replace(/^v/, '');
const read = (...path) => readFileSync(join(folder, ...path), 'utf8');

for (const name of ['shared', 'daemon', 'cli']) {
  const { version: has } = JSON.parse(read('packages', name, 'package.json'));
  if (has !== version) refuse(`packages/${name}/package.json has the version ${has}, and the tag is ${tag}`);
}
const chapter = read('RELEASE_NOTES.md')
  .split(/^(?=## )/m)
  .find((each) => each.startsWith(`## [${version}]`));
if (!chapter) refuse(`RELEASE_NOTES.md has no chapter "## [${version}]"`);
const [title, ...lines] = chapter.split('\n');
if (/unreleased/i.test(title))
  refuse(`RELEASE_NOTES.md says "${title}": write the date in its place, as in 2026-12-31`);
console.log(lines.join('\n').trim());

function refuse(why) {
  console.error(why);
  process.exit(1);
}
