/**
 * The three packages as users get them: packed, installed in an empty folder outside the repository, run.
 *
 * @module-tag long
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../packages/daemon/test/support/freePort.js';
import { recording, watchLog } from '../../packages/daemon/test/watch/watched.js';
import { npmEnvironment } from './npmEnvironment.js';

const repository = resolve(import.meta.dirname, '../..');
const packages = ['shared', 'daemon', 'cli'];
const { version } = JSON.parse(readFileSync(join(repository, 'packages/cli/package.json'), 'utf8')) as {
  version: string;
};
const [CLI, DAEMON, SHARED] = ['csvjobs', 'csvjobs-daemon', 'csvjobs-shared'].map(
  (name) => `${name}-${version}.tgz`,
) as [string, string, string];

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

describe('the packed packages', () => {
  test('are three tarballs, each with its program, a README, the licence, and no tests or sources', async () => {
    expect((await readdir(tarballs)).toSorted()).toEqual([CLI, DAEMON, SHARED]);
    for (const [name, entry] of Object.entries({
      [CLI]: 'bin/csvjobs.cjs',
      [DAEMON]: 'bin/csvjobsd.js',
      [SHARED]: 'dist/index.js',
    })) {
      const list = (await run('tar', ['-tzf', join(tarballs, name)], folder)).stdout.trim().split('\n');
      const inside = list.map((path) => path.replace(/^package\//, ''));
      expect(inside).toEqual(
        expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', entry]),
      );
      const stray = inside.filter(
        (path) => !/^(bin\/|bundle\/|dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path),
      );
      expect(stray).toEqual([]);
      // Maps would refer to missing sources.
      expect(inside.filter((path) => /\.tsbuildinfo$|\.map$|(^|\/)test\//.test(path))).toEqual([]);
    }
  });

  test('have no file that refers to a source map', async () => {
    for (const name of [CLI, DAEMON, SHARED]) {
      const unpacked = join(folder, `unpacked-${name}`);
      await mkdir(unpacked);
      await run('tar', ['-xzf', join(tarballs, name), '-C', unpacked], folder);
      const said = await run('grep', ['-rl', '^//# sourceMappingURL=', unpacked], folder, [0, 1]);
      expect(said.stdout).toBe('');
    }
  });

  test('have the changes, with links to pages on the web only', async () => {
    for (const name of [CLI, DAEMON, SHARED]) {
      const changes = (await run('tar', ['-xOzf', join(tarballs, name), 'package/CHANGELOG.md'], folder))
        .stdout;
      expect(changes).toContain('(docs/webhooks.md)');
      for (const [, target] of changes.matchAll(/\]\(([^)]*)\)/g)) expect(target).toMatch(/^https:/);
    }
  });

  test('leave nothing behind that a later start would take for migrations', async () => {
    const left = await readdir(join(folder, 'source', 'packages', 'daemon'), { recursive: true });
    expect(left.filter((path) => /migrations|LICENSE|CHANGELOG/.test(path))).toEqual([]);
  });
});

describe('the installed packages', () => {
  test('are one copy of each, from the tarballs', async () => {
    const { stdout } = await run(
      'npm',
      ['ls', '--all', '--json', '@csvjobs/shared', '@csvjobs/daemon'],
      installed,
    );
    const copies = new Set([...stdout.matchAll(/"resolved": "([^"]+)"/g)].map(([, from]) => basename(from!)));
    expect([...copies].toSorted()).toEqual([CLI, DAEMON, SHARED]);
  });

  test('take less than 120 MB for the daemon', async () => {
    const place = join(installed, 'node_modules');
    // Here the command line is installed next to it.
    expect((await megabytes(place)) - (await megabytes(join(place, 'csvjobs')))).toBeLessThan(120);
  });

  test('run their programs', async () => {
    for (const program of ['csvjobs', 'csvjobsd'])
      expect((await run('npx', [program, '--version'], installed)).stdout.trim()).toBe(version);
  });

  test('check a file with what the command line brings along, unless the daemon has another version', async () => {
    const seen = join(folder, 'programs');
    const watch = join(folder, 'watch.cjs');
    const csv = join(folder, 'customers.csv');
    await writeFile(watch, "require('node:fs').appendFileSync(process.env.SEEN, process.argv[1] + '\\n')");
    await writeFile(csv, 'name,email,company\nAda,ada@example.org,Engines\n');
    const place = join(installed, 'node_modules');
    const programs = async () => {
      await rm(seen, { force: true });
      const watched = { NODE_OPTIONS: `--require=${watch}`, SEEN: seen };
      await run(join(place, '.bin', 'csvjobs'), ['check', csv], folder, [0], watched);
      return (await readFile(seen, 'utf8')).trim().split('\n').slice(1);
    };
    expect(await programs()).toEqual([join(place, 'csvjobs/bundle/files/main.js')]);
    const file = join(place, '@csvjobs/daemon/package.json');
    const own = await readFile(file, 'utf8');
    await writeFile(file, own.replace(`"version": "${version}"`, '"version": "999.0.0"'));
    try {
      expect(await programs()).toEqual([join(place, '@csvjobs/daemon/bin/csvjobsd.js')]);
    } finally {
      await writeFile(file, own);
    }
  });

  test('have the migrations where the daemon looks for them', async () => {
    const place = join(installed, 'node_modules', '@csvjobs', 'daemon', 'dist', 'migrations');
    const names = (await readdir(join(repository, 'migrations'))).toSorted();
    expect((await readdir(place)).toSorted()).toEqual(names);
    for (const name of names)
      expect(await readFile(join(place, name))).toEqual(await readFile(join(repository, 'migrations', name)));
  });
});

/** The table of orders, as `csvjobs describe orders --json` has it. */
const COLUMN = {
  notNull: false,
  default: null,
  identity: null,
  generated: null,
  insertable: true,
  collation: null,
  comment: null,
};
const typed = (sql: string, name: string) => ({
  ...{ sql, base: sql, name, kind: 'base', system: true, typmod: -1 },
  ...{ element: null, labels: null, domain: null },
});
const TABLE = {
  table: { schema: 'public', name: 'orders' },
  kind: 'table',
  columns: [
    { ...COLUMN, name: 'id', type: typed('integer', 'int4') },
    { ...COLUMN, name: 'placed', type: typed('date', 'date') },
    { ...COLUMN, name: 'size', type: typed('text', 'text') },
  ],
  ...{ keys: [], checks: [], foreignKeys: [], exclusions: [], triggers: [], rules: [] },
  ...{ rowSecurity: false, partitionKey: null, fingerprint: '0'.repeat(64) },
};

/** Total file size in a folder, in MB; disk usage depends on the block size. */
async function megabytes(place: string): Promise<number> {
  const { stdout } = await run('du', ['-sb', place], folder);
  return Number.parseInt(stdout, 10) / 1e6;
}

describe('only the command line, as installed by `npm install --global csvjobs`', () => {
  let prefix: string;
  let alone: string;
  beforeAll(async () => {
    prefix = join(folder, 'prefix');
    alone = join(prefix, 'bin', 'csvjobs');
    // Without a cache or network: there is nothing to fetch.
    await run(
      'npm',
      ['install', '--global', '--offline', '--prefix', prefix, join(tarballs, CLI)],
      folder,
      [0],
      {
        npm_config_cache: join(folder, 'empty-cache'),
      },
    );
  });

  test('is one package below 15 MB', async () => {
    expect(await readdir(join(prefix, 'lib', 'node_modules'))).toEqual(expect.arrayContaining(['csvjobs']));
    expect(existsSync(join(prefix, 'lib', 'node_modules', 'csvjobs', 'node_modules'))).toBe(false);
    expect(await megabytes(prefix)).toBeLessThan(15);
  });

  test('lists the licences of everything in it', async () => {
    const licences = await readFile(join(prefix, 'lib/node_modules/csvjobs/bundle/LICENCES.md'), 'utf8');
    for (const name of [
      'commander',
      'csv-parser',
      'iconv-lite',
      'ink',
      'react',
      'undici',
      'yoga-layout',
      'zod',
    ])
      expect(licences).toMatch(new RegExp(`^## ${name} \\d`, 'm'));
  });

  test('runs everything that needs no daemon', async () => {
    const file = join(folder, 'orders.csv');
    await writeFile(file, 'id;placed;Größe\n1;2026-11-03;klein\nx;2026-11-04;groß\n', 'latin1');
    const at = (...args: string[]) => [...args, file];
    const does = async (args: string[], expected: number[], said: RegExp) => {
      const { stdout, stderr } = await run(alone, args, folder, expected);
      expect(stdout + stderr, args.join(' ')).toMatch(said);
    };
    await does(['--version'], [0], /^\d+\.\d+\.\d+\n$/);
    await does(['--help'], [0], /upload/);
    await does(at('sniff'), [0], /windows-1252/);
    await does(at('create-table', '--into', 'orders'), [0], /create table orders/);
    const table = join(folder, 'orders.table.json');
    await writeFile(table, JSON.stringify(TABLE));
    const columns = ['--map', 'size=Größe', '--table-file', table];
    await does([...at('check'), ...columns], [3], /"x" is not an integer/);
    await does([...at('map'), ...columns], [0], /size/);
    await does(['schema', 'show'], [0], /"\$schema"/);
    await does(['completion', 'bash'], [0], /csvjobs/);
    await does(['config', 'list'], [0], /127\.0\.0\.1/);
    await does(['list'], [6], /csvjobs/);
    await does(['daemon', 'start'], [2], /npm install --global @csvjobs\/daemon/);
  });
});

describe('the main job, with only the installed packages', () => {
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

/** Packed in a copy: in the repository, the migrations would be in dist for a moment, where other tests' daemons run. */
async function copyOfPackages(target: string): Promise<string> {
  const wanted = ['LICENSE', 'RELEASE_NOTES.md', 'migrations', 'scripts/pack.mjs'];
  for (const name of packages)
    wanted.push(
      ...['package.json', 'README.md', 'bin', 'bundle', 'src', 'dist'].map(
        (path) => `packages/${name}/${path}`,
      ),
    );
  for (const path of wanted.filter((each) => existsSync(join(repository, each)))) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await cp(join(repository, path), join(target, path), { recursive: true });
  }
  return target;
}

/** Runs a program to its end. Throws with its output on an unexpected exit code. */
async function run(
  program: string,
  args: string[],
  cwd: string,
  expected: number[] = [0],
  more: Record<string, string> = {},
) {
  const env = { ...environment, ...more };
  const ended = await promisify(execFile)(program, args, { cwd, env, maxBuffer: 2 ** 26 }).then(
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
