/** `csvjobs daemon …` with a stand-in for the daemon: real processes, real files, real sockets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { freePort } from '../../../daemon/test/support/freePort.js';
import { csvFile, csvjobs, eventually, folder, plainText, start, startOnTerminal } from '../spawn.js';

const PROGRAM = fileURLToPath(new URL('../fakeDaemon.mjs', import.meta.url));
let env: Record<string, string>;
let state: string;

beforeEach(async () => {
  state = folder();
  const url = `http://127.0.0.1:${await freePort()}`;
  env = { CSVJOBS_DAEMON: PROGRAM, CSVJOBS_URL: url, XDG_STATE_HOME: state };
  const mine = env;
  onTestFinished(async () => void (await csvjobs(['daemon', 'stop'], { env: mine })));
});

const pidOf = (stdout: string) => (JSON.parse(stdout) as { pid: number }).pid;
const alive = (pid: number) => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

test('start returns when it is ready and prints the address; a second start reports that it runs; stop waits for its exit', async () => {
  const first = await csvjobs(['daemon', 'start'], { env: { ...env, FAKE_DAEMON: 'slow' } });
  expect(first.stderr).toContain(`is ready: ${env.CSVJOBS_URL}`);
  expect(first.stderr).toMatch(/log: {2}\/.*daemon-127\.0\.0\.1-\d+\.log/);
  expect(first.code).toBe(0);

  const second = await csvjobs(['daemon', 'start'], { env });
  expect(second.stderr).toContain('is already running');
  expect(second.code).toBe(0);

  const status = await csvjobs(['daemon', 'status', '--json'], { env });
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({ ready: true, version: '9.9.9' });
  const pid = pidOf(status.stdout);
  expect(alive(pid)).toBe(true);

  const logs = await csvjobs(['daemon', 'logs', '-n', '2'], { env });
  expect(logs.stdout).toBe('line 2\nlistening\n');

  const stop = await csvjobs(['daemon', 'stop'], { env });
  expect(stop.code).toBe(0);
  expect(alive(pid)).toBe(false);
  expect(readdirSync(join(state, 'csvjobs')).filter((name) => !name.endsWith('.log'))).toEqual([]);
  expect((await csvjobs(['daemon', 'status'], { env })).code).toBe(6);
  expect((await csvjobs(['daemon', 'stop'], { env })).stderr).toContain('No background daemon');
});

test('logs -f follows the log until interrupted', LONG, async () => {
  await csvjobs(['daemon', 'start'], { env });
  const following = start(['daemon', 'logs', '-f'], { env });
  await following.until((printed) => printed.includes('listening'));
  await csvjobs(['daemon', 'stop'], { env });
  await following.until((printed) => printed.includes('draining'));
  following.child.kill('SIGINT');
  expect((await following.ended).code).toBe(130);
});

test('a log that logrotate has copied and truncated begins with the next line', LONG, async () => {
  const { stdout } = await csvjobs(['daemon', 'start', '--json'], { env });
  const { log } = JSON.parse(stdout) as { log: string };
  truncateSync(log);
  await csvjobs(['daemon', 'stop'], { env });
  expect(readFileSync(log, 'utf8')).toMatch(/^draining/);
});

test('a daemon that does not start: the reason from the end of its log', async () => {
  const { code, stderr } = await csvjobs(['daemon', 'start'], { env: { ...env, FAKE_DAEMON: 'refuse' } });
  expect(code).toBe(6);
  expect(stderr).toContain('DATA_DIR is locked by another daemon');
});

test('a record with a reused PID is ignored', async () => {
  await csvjobs(['daemon', 'start'], { env });
  const file = join(
    state,
    'csvjobs',
    readdirSync(join(state, 'csvjobs')).find((name) => name.endsWith('.json')) ?? '',
  );
  await csvjobs(['daemon', 'stop'], { env });
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill('SIGKILL'));
  writeFileSync(file, JSON.stringify({ pid: other.pid, start: '1', url: env.CSVJOBS_URL, log: '/dev/null' }));
  const { stderr, code } = await csvjobs(['daemon', 'stop'], { env });
  expect(code).toBe(0);
  expect(stderr).toContain('No background daemon');
  expect(existsSync(file)).toBe(false);
  expect(alive(other.pid ?? 0)).toBe(true);
});

test('start reports an address in use', async () => {
  const other = start(['daemon'], { env });
  await other.until((printed) => printed.includes('listening'));
  const { code, stderr } = await csvjobs(['daemon', 'start'], { env });
  expect(code).toBe(2);
  expect(stderr).toContain('is in use');
  other.child.kill('SIGTERM');
  const ended = await other.ended;
  expect(ended.stdout).toContain('draining');
  expect(ended.code).toBe(0);
});

test('one of six concurrent starts proceeds; stale claims of dead commands do not matter', LONG, async () => {
  const files = join(state, 'csvjobs');
  mkdirSync(files);
  const { port } = new URL(env.CSVJOBS_URL ?? '');
  // A PID without a process, and a reused one.
  for (const owner of ['4194305-77', `${process.pid}-77`])
    writeFileSync(join(files, `daemon-127.0.0.1-${port}.claim-${owner}`), '');
  // A command that checks whether the address is free waits here, between its check and starting a daemon.
  const looking: Socket[] = [];
  const address = createServer((socket) => void looking.push(socket));
  await new Promise<void>((resolve) => address.listen(Number(port), '127.0.0.1', resolve));
  const starts = Array.from({ length: 6 }, () => start(['daemon', 'start', '--json'], { env }));
  const ended = () => starts.filter(({ child }) => child.exitCode !== null).length;
  await eventually(() => ended() === 5 || looking.length > 1);
  expect(looking.length).toBe(1);
  address.close();
  looking[0]?.destroy();
  const results = await Promise.all(starts.map((each) => each.ended));
  expect(results.map(({ code }) => code).toSorted()).toEqual([0, 2, 2, 2, 2, 2]);
  for (const { stderr } of results.filter(({ code }) => code === 2))
    expect(stderr).toContain('Another csvjobs is starting or stopping this daemon');
  expect(readdirSync(files).filter((name) => name.includes('claim'))).toEqual([]);
});

test('another server at the address is not called a daemon; without any, status does not say who started it', async () => {
  const { port } = new URL(env.CSVJOBS_URL ?? '');
  const other = createHttp((_, response) => response.end('hello')).listen(Number(port), '127.0.0.1');
  await once(other, 'listening');
  const { code, stderr } = await csvjobs(['daemon', 'start'], { env });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/next: choose another port: csvjobs daemon start --url/),
  });
  other.close();
  other.closeAllConnections();
  expect((await csvjobs(['daemon', 'status'], { env })).stdout).toMatch(/process +none in the background/);
});

test('two concurrent starts make one daemon', async () => {
  const results = await Promise.all([1, 2].map(() => csvjobs(['daemon', 'start', '--json'], { env })));
  const started = results.filter(({ code }) => code === 0);
  expect(new Set(started.map(({ stdout }) => pidOf(stdout))).size).toBe(1);
});

test('no program: what to install', async () => {
  const { code, stderr } = await csvjobs(['daemon', 'start'], {
    env: { ...env, CSVJOBS_DAEMON: '/nowhere/csvjobsd' },
  });
  expect(code).toBe(2);
  expect(stderr).toContain('npm install @csvjobs/daemon');
});

test('API_HOST and API_PORT of the environment override the address', async () => {
  const port = String(await freePort());
  const foreground = start(['daemon'], { env: { ...env, API_HOST: '127.0.0.1', API_PORT: port } });
  await foreground.until((printed) => printed.includes('listening'));
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect(status).toBe(200);
  foreground.child.kill('SIGTERM');
  await eventually(() => foreground.child.exitCode !== null);
});

for (const command of ['start', 'restart'])
  test(
    `${command} with a different API_PORT: refused before a daemon listens where no command looks`,
    inShortIf(command === 'start'),
    async () => {
      const { code, stdout, stderr } = await csvjobs(['daemon', command], {
        env: { ...env, API_PORT: '4778' },
      });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('API_PORT is 4778, but csvjobs looks for the daemon at http://127.0.0.1:');
      expect(stderr).toContain('next: csvjobs daemon start --url http://127.0.0.1:4778 ');
      expect(existsSync(join(state, 'csvjobs'))).toBe(false);
      const free = await csvjobs(['daemon', command], { env: { ...env, API_PORT: '0' } });
      expect(free.stderr).toContain('next: unset API_PORT');
    },
  );

for (const command of ['start', 'restart'])
  test(
    `${command} on a port that fetch blocks: refused, with an address that works`,
    inShortIf(command === 'restart'),
    async () => {
      const { code, stderr } = await csvjobs(['daemon', command, '--url', 'http://127.0.0.1:6000'], { env });
      expect(code).toBe(2);
      expect(stderr).toContain('could not stream progress: fetch and browsers block this port');
      expect(stderr).toContain('next: csvjobs daemon start --url http://127.0.0.1:4000\n');
      expect(existsSync(join(state, 'csvjobs'))).toBe(false);
    },
  );

for (const [signal, code] of [
  ['SIGHUP', 129],
  ['SIGTERM', 0],
] as const)
  test(`in the foreground, ${signal} is passed on unchanged`, inShortIf(signal === 'SIGTERM'), async () => {
    const foreground = start(['daemon'], { env });
    await foreground.until((printed) => printed.includes('listening'));
    foreground.child.kill(signal);
    // The stand-in for the daemon exits cleanly only on SIGTERM.
    expect((await foreground.ended).code).toBe(code);
  });

test('a slow start says why: a setup or a recovery of the database only if there is one', LONG, async () => {
  const first = await csvjobs(['daemon', 'start'], { env: { ...env, FAKE_DAEMON: 'first' } });
  expect(first.stderr).toContain('starting: the first start sets up its database, which takes a while');
  await csvjobs(['daemon', 'stop'], { env });
  // The log of the first start is still there.
  const later = await csvjobs(['daemon', 'start'], { env: { ...env, FAKE_DAEMON: 'later' } });
  expect(later.stderr).toContain('starting: ');
  expect(later.stderr).not.toContain('first start');
  await csvjobs(['daemon', 'stop'], { env });
  const killed = await csvjobs(['daemon', 'start'], { env: { ...env, FAKE_DAEMON: 'killed' } });
  expect(killed.stderr).toContain(
    'starting: its database was not shut down and recovers first, which may take a while',
  );
});

test('restart: a new process at the same address, even if none was running', async () => {
  const first = pidOf((await csvjobs(['daemon', 'restart', '--json'], { env })).stdout);
  expect(alive(first)).toBe(true);
  const again = await csvjobs(['daemon', 'restart', '--json'], { env });
  expect(again.code).toBe(0);
  const second = pidOf(again.stdout);
  expect(second).not.toBe(first);
  expect([alive(first), alive(second)]).toEqual([false, true]);
});

test('no daemon: on a terminal the command offers to start one, then continues', async () => {
  const cwd = folder();
  const refused = startOnTerminal(['list'], { env, cwd });
  await refused.until((printed) => printed.includes('Start one in the background? [y/N] '));
  refused.child.stdin?.write('n\n');
  expect(await refused.ended).toMatchObject({
    code: 6,
    stdout: expect.stringContaining('nothing listens there'),
  });

  const taken = startOnTerminal(['list'], { env, cwd });
  await taken.until((printed) => printed.includes('Start one in the background? [y/N] '));
  taken.child.stdin?.write('y\n');
  const { code, stdout } = await taken.ended;
  expect(code).toBe(0);
  expect(plainText(stdout)).toContain(`is ready: ${env.CSVJOBS_URL}`);
  expect(stdout).toContain('There are no jobs yet.');
});

test('without csvjobsd, the next step installs it', LONG, async () => {
  const { CSVJOBS_URL = '' } = env;
  for (const args of [['list'], ['doctor']]) {
    const { stdout, stderr } = await csvjobs(args, { env: { CSVJOBS_URL, CSVJOBS_DAEMON: '/nowhere' } });
    expect(stdout + stderr).toMatch(/next: npm install .*@csvjobs\/daemon/);
  }
});

test('the command that has started a daemon uses the token that its first start has made', async () => {
  const first = { ...env, FAKE_DAEMON: 'guarded', DATA_DIR: folder() };
  const running = startOnTerminal(['list'], { env: first });
  await running.until((printed) => printed.includes('Start one in the background? [y/N] '));
  running.child.stdin?.write('y\n');
  expect(await running.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('There are no jobs yet.'),
  });
});

for (const [name, args, more, offered] of [
  ['upload too, before a file is reported as failed', ['upload', 'FILE'], {}, true],
  ['not with --json', ['list', '--json'], {}, false],
  ['not with --quiet', ['list', '--quiet'], {}, false],
  ['not in CI', ['list'], { CI: 'true' }, false],
  ['not for another machine', ['list', '--url', 'http://192.0.2.1.invalid'], {}, false],
  ['not without csvjobsd', ['list'], { CSVJOBS_DAEMON: '/nowhere' }, false],
] as [string, string[], object, boolean][])
  test(name, inShortIf(/^upload|json|machine/.test(name)), async () => {
    const file = csvFile();
    const running = startOnTerminal(
      args.map((arg) => (arg === 'FILE' ? file : arg)),
      {
        env: { ...env, ...(more as Record<string, string>) },
      },
    );
    if (offered) {
      await running.until((printed) => printed.includes('Start one in the background?'));
      running.child.stdin?.write('\u0004');
    }
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    expect(stdout.includes('Start one')).toBe(offered);
    expect(stdout).not.toContain('failed');
  });
