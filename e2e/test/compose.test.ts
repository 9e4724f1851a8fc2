/** The compose files and their companions, as far as can be checked without a Docker engine. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findBinaries } from '../../packages/daemon/src/embedded/postgres/binaries.js';
import { type ComposeFile, readCompose } from './composeFile.js';
import { parseDockerfile } from './dockerfile.js';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const repository = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(repository, path), 'utf8');

const texts = {
  'docker-compose.yml': await read('docker-compose.yml'),
  'docker-compose.dev.yml': await read('docker-compose.dev.yml'),
};
const names = Object.keys(texts) as (keyof typeof texts)[];
/** Variables without a default. */
const secret = { API_TOKEN: 'a-token-for-this-test' };
const files = Object.fromEntries(names.map((name) => [name, readCompose(texts[name], secret)])) as Record<
  keyof typeof texts,
  ComposeFile
>;
const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
const stages = parseDockerfile(await read('Dockerfile'));
const example = Object.fromEntries(
  [...(await read('.env.example')).matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]),
);

const own = ['postgres', 'redis', 'api', 'worker'];

describe.each(names)('%s', (name) => {
  const { services, volumes } = files[name];

  test('has the services of the reference, and docker compose, if installed, sees the same ones', async () => {
    const expected = name === 'docker-compose.yml' ? own : [...own, 'pgadmin'];
    expect(Object.keys(services).toSorted()).toEqual(expected.toSorted());
    const seen = await byClient(name);
    expect((seen ?? Object.keys(services)).toSorted()).toEqual(expected.toSorted());
  });

  test('publishes ports only on 127.0.0.1', () => {
    const ports = Object.entries(services).flatMap(([service, { ports }]) =>
      ports.map((p) => `${service} ${p}`),
    );
    for (const port of ports) expect(port).toMatch(/^\w+ 127\.0\.0\.1:\d+:\d+$/);
    expect(ports).toEqual(
      name === 'docker-compose.yml'
        ? ['api 127.0.0.1:4000:4000']
        : [
            'postgres 127.0.0.1:5432:5432',
            'redis 127.0.0.1:6379:6379',
            'api 127.0.0.1:4000:4000',
            'pgadmin 127.0.0.1:8080:80',
          ],
    );
  });

  test('pins third-party images by major version, and builds its own from an existing stage', async () => {
    for (const { image, build } of Object.values(services)) {
      if (!build) expect(image).toMatch(/^[\w/]+:\d+(-alpine)?$/);
      else expect(stages.map((stage) => stage.name)).toContain(build.target);
      if (build) expect((await stat(join(repository, build.context, 'Dockerfile'))).isFile()).toBe(true);
    }
    for (const { base } of stages)
      expect(stages.some((stage) => stage.name === base) || /^\w+:\d+-\w+$/.test(base)).toBe(true);
  });

  test('mounts all its declared volumes, and only existing folders', async () => {
    const mounted = Object.values(services).flatMap((service) =>
      service.volumes.map((v) => v.split(':')[0]!),
    );
    const named = mounted.filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(volumes).toSorted());
    for (const source of mounted.filter((path) => path.startsWith('.')))
      expect((await stat(join(repository, source))).isDirectory()).toBe(true);
  });

  test('keeps the data of PostgreSQL 18, Redis and the uploads in volumes', () => {
    const mounts = Object.fromEntries(
      Object.entries(services).map(([service, { volumes }]) => [
        service,
        volumes.map((v) => v.split(':')[1]),
      ]),
    );
    expect(mounts.postgres).toEqual(['/var/lib/postgresql']);
    expect(mounts.redis).toEqual(['/data']);
    expect(mounts.api).toContain('/app/uploads');
    expect(mounts.worker).toEqual(mounts.api);
    expect(services.worker!.volumes).toEqual(services.api!.volumes);
    expect(services.redis!.command?.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
  });

  test('waits for healthy servers, and passes the daemon the variables of the reference', () => {
    for (const service of [services.api!, services.worker!]) {
      expect(Object.keys(service.depends_on)).toEqual(['postgres', 'redis']);
      expect(service).toMatchObject({ user: 'node', init: true });
      expect(service.environment).toMatchObject({
        API_HOST: '0.0.0.0',
        API_PORT: '4000',
        DB_HOST: 'postgres',
        DB_PORT: '5432',
        DB_USER: 'postgres',
        DB_PASSWORD: 'postgres',
        DB_NAME: 'csv_app',
        REDIS_HOST: 'redis',
        REDIS_PORT: '6379',
        CORS_ORIGIN: '*',
        UPLOAD_DIR: '/app/uploads',
      });
      for (const dependency of Object.keys(service.depends_on)) expect(services).toHaveProperty(dependency);
    }
    expect(services.api!.command).toEqual(['--role', 'api']);
    expect(services.worker!.command).toEqual(['--role', 'worker']);
  });

  test('is the same with and without .env.example, and can be overridden', () => {
    expect(readCompose(texts[name], { ...example, ...secret })).toEqual(files[name]);
    const other = readCompose(texts[name], { ...secret, DB_NAME: 'other', CORS_ORIGIN: '', API_PORT: '' });
    expect(other.services.api!.environment).toMatchObject({
      DB_NAME: 'other',
      CORS_ORIGIN: '',
      API_PORT: '4000',
    });
    expect(other.services.postgres!.environment).toMatchObject({ POSTGRES_DB: 'other' });
  });

  test('starts the daemon with a valid configuration', async () => {
    const environment = Object.entries(files[name].services.api!.environment).map(([key, v]) => [
      key,
      String(v),
    ]);
    const program = join(repository, 'packages/daemon/dist/main.js');
    const { stdout } = await run(process.execPath, [program, '--check-config'], {
      env: Object.fromEntries(environment) as Record<string, string>,
    });
    expect(stdout).toMatch(/\S/);
  });

  test('starts PostgreSQL with settings that it accepts', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'postgresql.conf'), '');
    const [program, ...settings] = services.postgres!.command!;
    expect(program).toBe('postgres');
    // With -C the server reads its settings, prints one and exits (before anything else, so it
    // works for root too); the version is the image's, 18.
    const check = (extra: string[]) => run(findBinaries().postgres, ['-C', 'fsync', '-D', folder, ...extra]);
    expect((await check(settings)).stdout.trim()).toBe('on');
    await expect(check([...settings, '-c', 'max_wal_sise=1GB'])).rejects.toThrow(/max_wal_sise/);
  });
});

describe('access', () => {
  test('is restricted in production, which needs a token to start and says how to create one', () => {
    const text = texts['docker-compose.yml'];
    for (const environment of [{}, example, { API_TOKEN: '' }])
      expect(() => readCompose(text, environment)).toThrow(/API_TOKEN is missing a value: .*openssl rand/);
    for (const service of ['api', 'worker']) {
      const { environment } = files['docker-compose.yml'].services[service]!;
      expect(environment.API_TOKEN).toBe(secret.API_TOKEN);
      expect(environment).not.toHaveProperty('API_ALLOW_ANONYMOUS');
    }
  });

  test('is open in development, but only on this machine', () => {
    for (const service of ['api', 'worker'])
      expect(files['docker-compose.dev.yml'].services[service]!.environment).toMatchObject({
        API_ALLOW_ANONYMOUS: 'true',
      });
  });
});

describe('the health check', () => {
  test.each([
    [200, 0],
    [503, 1],
  ])('exits for an answer of %i with %i', async (status, code) => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404).end('postgres: away');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const ended = await healthcheck((server.address() as AddressInfo).port);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(code === 0 ? /^$/ : /readyz: 503 postgres: away/);
  });

  test('exits without a daemon with 1 and the reason', async () => {
    expect(await healthcheck(1)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/ECONNREFUSED|bad port/),
    });
  });
});

describe('npm scripts', () => {
  test('are those of the reference, and use existing files and services', async () => {
    const reference = ['dev', 'dev:build', 'prod', 'prod:build', 'logs', 'logs:api', 'logs:worker', 'db'];
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining([...reference, 'migrate', 'migrate:down', 'migrate:create']),
    );
    for (const script of reference.map((name) => scripts[name]!)) {
      const [, file = 'docker-compose.yml', verb, rest] =
        /^docker compose (?:-f (\S+) )?(up|logs|exec) ?(.*)$/.exec(script) ?? [];
      expect(names, script).toContain(file);
      const service = verb === 'up' ? undefined : rest!.split(' ').find((word) => !word.startsWith('--'));
      if (service) expect(own, script).toContain(service);
    }
  });

  test('named in the documentation exist', async () => {
    const pages = (await markdown(repository)).filter((page) => !page.startsWith('node_modules'));
    expect(pages).toContain('docs/docker.md');
    for (const page of pages)
      for (const [, name] of (await read(page)).matchAll(/npm run ([a-z][a-z0-9:]*)/g))
        expect(scripts, `${page}: npm run ${name}`).toHaveProperty([name!]);
  });

  test('migrate:create creates a migration that sorts last and runs', async () => {
    const folder = await temporaryFolder();
    for (const path of ['package.json', 'migrations', 'scripts/migration-template.cjs']) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await cp(join(repository, path), join(folder, path), { recursive: true });
    }
    const migrations = async () =>
      (await readdir(join(folder, 'migrations'))).filter((name) => name.endsWith('.cjs'));
    const before = await migrations();
    await run('npm', ['run', 'migrate:create', '--', 'add-new-column'], {
      cwd: folder,
      env: {
        ...process.env,
        PATH: [join(repository, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      },
    });
    const after = (await migrations()).toSorted();
    const made = after.at(-1)!;
    expect(after.slice(0, -1)).toEqual(before.toSorted());
    expect(made).toMatch(/^\d{13}_add-new-column\.cjs$/);
    expect(require(join(folder, 'migrations', made))).toEqual({
      up: expect.any(Function),
      down: expect.any(Function),
    });
  });
});

/** The services as `docker compose` itself reads them, or undefined if it is not installed. */
async function byClient(file: string): Promise<string[] | undefined> {
  const there = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const { stdout } = await run('docker', ['compose', '-f', file, 'config', '--services'], {
    cwd: repository,
    env: { ...process.env, ...secret },
  });
  return stdout.trim().split('\n');
}

async function healthcheck(port: number): Promise<{ code: number; stderr: string }> {
  return run(process.execPath, [join(repository, 'deploy/healthcheck.mjs')], {
    env: { API_PORT: String(port) },
  }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
}

async function markdown(folder: string): Promise<string[]> {
  const places = ['.', 'docs', 'docs/decisions', 'packages/shared', 'packages/daemon', 'packages/cli'];
  const pages = await Promise.all(
    places.map(async (place) =>
      (await readdir(join(folder, place)).catch(() => [])).map((name) => join(place, name)),
    ),
  );
  return pages.flat().filter((path) => path.endsWith('.md'));
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-compose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
