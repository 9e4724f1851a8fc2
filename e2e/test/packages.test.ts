/** The three packages as somebody gets them: packed, installed in an empty folder outside the repository, run. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recording, watchLog } from '../../packages/daemon/test/watch/watched.js';
import { npmEnvironment } from './npmEnvironment.js';

const repository = resolve(import.meta.dirname, '../..');
const packages = ['shared', 'daemon', 'cli'];

let folder: string;
let tarballs: string;
let installed: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'csvjobs-packages-')));
  environment = { ...(await npmEnvironment(folder)), CSVJOBS_URL: `http://127.0.0.1:${await freePort()}` };
  tarballs = join(folder, 'tarballs');
  installed = join(folder, 'installed');
  await Promise.all([mkdir(tarballs), mkdir(installed)]);
  const source = await copyOfPackages(join(folder, 'source'));
  for (const name of packages)
    await run('npm', ['pack', '--pack-destination', tarballs], join(source, 'packages', name));
  await writeFile(join(installed, 'package.json'), '{ "private": true }\n');
  const files = (await readdir(tarballs)).map((name) => join(tarballs, name));
  await run('npm', ['install', ...files], installed);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what is packed', () => {
  test('is three tarballs, each with its program, a README, the licence, and neither tests nor sources', async () => {
    expect((await readdir(tarballs)).toSorted()).toEqual([
      'csvjobs-0.1.0.tgz',
      'csvjobs-daemon-0.1.0.tgz',
      'csvjobs-shared-0.1.0.tgz',
    ]);
    for (const [name, entry] of Object.entries({
      'csvjobs-0.1.0.tgz': 'bin/csvjobs.cjs',
      'csvjobs-daemon-0.1.0.tgz': 'bin/csvjobsd.js',
      'csvjobs-shared-0.1.0.tgz': 'dist/index.js',
    })) {
      const list = (await run('tar', ['-tzf', join(tarballs, name)], folder)).stdout.trim().split('\n');
      const inside = list.map((path) => path.replace(/^package\//, ''));
      expect(inside).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', entry]));
      const stray = inside.filter(
        (path) => !/^(bin\/|bundle\/|dist\/|package\.json$|README\.md$|LICENSE$)/.test(path),
      );
      expect(stray).toEqual([]);
      expect(inside.filter((path) => /\.tsbuildinfo$|(^|\/)test\//.test(path))).toEqual([]);
    }
  });

  test('packing leaves nothing behind that a later start would take for the migrations', async () => {
    const left = await readdir(join(folder, 'source', 'packages', 'daemon'), { recursive: true });
    expect(left.filter((path) => /migrations|LICENSE/.test(path))).toEqual([]);
  });
});

describe('what is installed', () => {
  test('is one copy of each package, from the tarballs', async () => {
    const { stdout } = await run(
      'npm',
      ['ls', '--all', '--json', '@csvjobs/shared', '@csvjobs/daemon'],
      installed,
    );
    const copies = new Set([...stdout.matchAll(/"resolved": "([^"]+)"/g)].map(([, from]) => basename(from!)));
    expect([...copies].toSorted()).toEqual([
      'csvjobs-0.1.0.tgz',
      'csvjobs-daemon-0.1.0.tgz',
      'csvjobs-shared-0.1.0.tgz',
    ]);
  });

  test('runs its programs', async () => {
    for (const program of ['csvjobs', 'csvjobsd'])
      expect((await run('npx', [program, '--version'], installed)).stdout.trim()).toBe('0.1.0');
  });

  test('has the migrations where the daemon looks for them', async () => {
    const place = join(installed, 'node_modules', '@csvjobs', 'daemon', 'dist', 'migrations');
    const names = (await readdir(join(repository, 'migrations'))).toSorted();
    expect((await readdir(place)).toSorted()).toEqual(names);
    for (const name of names)
      expect(await readFile(join(place, name))).toEqual(await readFile(join(repository, 'migrations', name)));
  });
});

describe('the main job, from the installed packages alone', () => {
  test('a daemon in the background, a file uploaded and watched, its rejected row fetched, the daemon stopped', async () => {
    const file = join(installed, 'customers.csv');
    await writeFile(
      file,
      'name,email,phone,company\nAda,ada@example.com,,Engines\nNobody,not-an-address,,Nowhere\n',
    );
    Object.assign(environment, recording());
    await run('npx', ['csvjobs', 'daemon', 'start'], installed);
    try {
      const upload = await run('npx', ['csvjobs', 'upload', file, '--watch'], installed, [3]);
      expect(upload.stderr).not.toBe('');
      const list = await run('npx', ['csvjobs', 'list', '--json'], installed);
      const [job] = JSON.parse(list.stdout) as { id: string }[];
      const report = await run('npx', ['csvjobs', 'errors', job!.id], installed);
      expect(report.stdout).toMatch(
        /^rowNumber,name,email,phone,company,error\r?\n2,Nobody,not-an-address,,Nowhere,/,
      );
      const log = await run('npx', ['csvjobs', 'daemon', 'logs', '-n', '1000'], installed);
      expect(log.stdout).toContain('job completed');
      watchLog(() => log.stdout.split('\n'));
    } finally {
      await run('npx', ['csvjobs', 'daemon', 'stop'], installed);
    }
    const status = await run('npx', ['csvjobs', 'daemon', 'status'], installed, [6]);
    expect(status.stdout).toMatch(/not reachable/);
  }, 180_000);
});

/** Packed in a copy: in the repository, the migrations would stand in dist for a moment, under daemons of other tests. */
async function copyOfPackages(target: string): Promise<string> {
  const wanted = ['LICENSE', 'migrations', 'scripts/pack.mjs'];
  for (const name of packages)
    wanted.push(
      ...['package.json', 'README.md', 'bin', 'bundle', 'dist'].map((path) => `packages/${name}/${path}`),
    );
  for (const path of wanted.filter((each) => existsSync(join(repository, each)))) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await cp(join(repository, path), join(target, path), { recursive: true });
  }
  return target;
}

/** Runs a program to its end. An exit code that is not expected is an error that shows what was printed. */
async function run(program: string, args: string[], cwd: string, expected: number[] = [0]) {
  const ended = await promisify(execFile)(program, args, { cwd, env: environment, maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code?: number | string; stdout?: string; stderr?: string }) => {
      if (typeof error.code !== 'number') throw error;
      return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? '' };
    },
  );
  if (!expected.includes(ended.code))
    throw new Error(`${program} ${args.join(' ')}: exit ${ended.code}\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
