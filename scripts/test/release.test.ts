/** What the release workflow runs, on a copy: where the sources are, the notes of a version, and the parts of each package. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = ['shared', 'daemon', 'cli'];
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

interface Manifest {
  version: string;
  repository?: { url: string; directory: string };
  bugs?: string;
  homepage?: string;
  keywords?: string[];
  publishConfig?: object;
}

/** The manifests of the packages and some release notes, in a folder of their own. */
function copy(notes = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of PACKAGES) {
    mkdirSync(join(folder, 'packages', name), { recursive: true });
    cpSync(join(root, 'packages', name, 'package.json'), join(folder, 'packages', name, 'package.json'));
  }
  writeFileSync(join(folder, 'RELEASE_NOTES.md'), notes);
  return folder;
}

const manifest = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(folder, 'packages', name, 'package.json'), 'utf8')) as Manifest;

function run(script: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'scripts', script), ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

test('every package has the version of the workspace, key words, a home page and public access', () => {
  for (const name of PACKAGES) {
    const { keywords, ...rest } = manifest(root, name);
    expect(rest).toMatchObject({ version, publishConfig: { access: 'public' } });
    expect(rest.homepage).toMatch(/^https:/);
    expect(keywords).toContain('postgresql');
  }
  expect(readFileSync(join(root, 'docker-compose.yml'), 'utf8')).toContain(`image: csvjobs:${version}`);
});

test('the repository, the home page and the list of issues are those of where the workflow runs', async () => {
  const folder = copy();
  const url = 'https://github.com/somebody/csvjobs';
  expect(await run('nameRepository.mjs', url, folder)).toMatchObject({ code: 0 });
  for (const name of PACKAGES) {
    expect(manifest(folder, name)).toEqual({
      ...manifest(root, name),
      homepage: `${url}#readme`,
      bugs: `${url}/issues`,
      repository: { type: 'git', url: `git+${url}.git`, directory: `packages/${name}` },
    });
  }
  expect(await run('nameRepository.mjs', 'https://github.com/', folder)).toMatchObject({ code: 2 });
});

test('the notes of a release are the chapter of its version, and there must be one with a date', async () => {
  const older = '## [0.1.0] - 2026-01-01\n\nThe first.\n';
  const notes = copy(`# Notes\n\n## [${version}] - 2026-12-01\n\n### Added\n\n- More.\n\n${older}`);
  expect(await run('releaseNotes.mjs', `v${version}`, notes)).toMatchObject({
    code: 0,
    stdout: '### Added\n\n- More.\n',
  });
  for (const [text, tag, said] of [
    [`## [${version}] - unreleased\n`, `v${version}`, /unreleased/],
    [`## [${version}1]\n\n${older}`, `v${version}`, /has no chapter/],
    [older, 'v0.1.0', /has the version/],
  ] as const) {
    const refused = await run('releaseNotes.mjs', tag, copy(text));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(said);
  }
});

test('the release notes have the form of Keep a Changelog 1.1.0, newest first', () => {
  const notes = readFileSync(join(root, 'RELEASE_NOTES.md'), 'utf8');
  const titles = (level: string) =>
    [...notes.matchAll(new RegExp(`^${level} (.*)`, 'gm'))].map(([, title]) => title!);
  const versions = titles('##').map(
    (title) => /^\[(\d+\.\d+\.\d+)\](?: - (?:unreleased|\d{4}-\d\d-\d\d))?$/.exec(title)?.[1],
  );
  expect(versions).toEqual([version, '0.1.0']);
  const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
  expect(titles('###').filter((title) => !kinds.includes(title))).toEqual([]);
});

test('the parts of each package are named, those of the command line by what is in its bundle', async () => {
  const folder = copy();
  const { code, stderr } = await run('sbom.mjs', folder);
  expect(code, stderr).toBe(0);
  const partsOf = (name: string) => {
    const { bomFormat, metadata, components } = JSON.parse(
      readFileSync(join(folder, `${name}.cdx.json`), 'utf8'),
    ) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: { name: string; group?: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    expect(metadata.component.version).toBe(version);
    return components.map((each) => each.name);
  };
  expect(partsOf('shared')).toContain('zod');
  expect(partsOf('daemon')).toEqual(expect.arrayContaining(['koa', 'bull', 'pg', 'zod']));
  const inside = partsOf('cli');
  expect(inside).toEqual(expect.arrayContaining(['commander', 'ink', 'iconv-lite', 'zod']));
  for (const other of ['vitest', 'typescript', 'koa', 'pg']) expect(inside).not.toContain(other);
});

test('the workflow proves where the packages are from, and runs scripts that are there', () => {
  const text = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
  const { on, jobs } = parse(text) as {
    on: { push: { tags: string[] } };
    jobs: { publish: { permissions: Record<string, string>; steps: { run?: string; env?: object }[] } };
  };
  expect(on.push.tags).toEqual(['v*']);
  expect(jobs.publish.permissions['id-token']).toBe('write');
  const commands = jobs.publish.steps.flatMap(({ run: command }) => command ?? []);
  const published = commands.filter((command) => command.startsWith('npm publish'));
  // What others depend on comes first.
  expect(published).toEqual(PACKAGES.map((name) => `npm publish --provenance --workspace packages/${name}`));
  expect(commands.indexOf('npm test')).toBeLessThan(commands.indexOf(published[0]!));
  for (const [, script] of text.matchAll(/node (scripts\/\S+\.mjs)/g))
    expect(readFileSync(join(root, script!), 'utf8')).not.toBe('');
});
