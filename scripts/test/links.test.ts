/** Every link from a document to a file or a heading of the repository leads somewhere; no page is long. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(root, path)));

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('links in documents lead somewhere', () => {
  expect(documents).toContain('README.md');
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    return links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const path = file === '' ? join(root, document) : join(root, dirname(document), file);
        return !existsSync(path) || (anchor !== undefined && !anchors(path).includes(anchor));
      })
      .map((link) => `${document}: ${link}`);
  });
  expect(broken).toEqual([]);
});

/** More than this is more than one topic. */
const MOST_LINES = 400;

test('no page of the documents is long', () => {
  const pages = documents.filter((document) => document === 'README.md' || document.startsWith('docs/'));
  const long = pages.filter((page) => readFileSync(join(root, page), 'utf8').split('\n').length > MOST_LINES);
  expect(long).toEqual([]);
});
