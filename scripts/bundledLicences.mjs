// The licences of what is in a bundle want to be where its text is: one document, a chapter for each package.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes name, version and licence of each package that a module of the bundle is from.
 * @param modules paths, or names of modules that a plugin has made up
 * @throws where a package has no text of a licence: it may not be shipped then
 */
export function writeLicences(modules, to) {
  const folders = new Set(
    modules.flatMap((id) => /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1] ?? []),
  );
  const chapters = [...folders].map(chapterOf).toSorted();
  writeFileSync(
    to,
    `# What csvjobs has in it\n\nThe program is made of these packages, too.\n\n${chapters.join('\n')}`,
  );
}

/** Whose package has no file with its licence, but says in its sources whose it is. */
const HOLDERS = { 'yoga-layout': 'Meta Platforms, Inc. and affiliates' };

function chapterOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file && !(license === 'MIT' && HOLDERS[name]))
    throw new Error(`${name} ${version} (${license}) ships no text of its licence`);
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : mit(HOLDERS[name]);
  return `## ${name} ${version}\n\n${license}\n\n\`\`\`\n${text}\n\`\`\`\n`;
}

/** The text of the MIT licence: that of this repository, for somebody else. */
function mit(holder) {
  const own = readFileSync(new URL('../LICENSE', import.meta.url), 'utf8').trim();
  return own.replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
}
