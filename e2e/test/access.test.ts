/** Access control: the real daemon with each kind of authentication, and the real command line. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobsWith } from '../support/cli.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const CSV = 'name,email,company\nAda,ada@example.com,Engines\n,grace@example.com,Navy\n';

async function folderOfItsOwn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-access-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('a daemon with private servers', () => {
  test('creates a token that only this user can read, and that the command line finds', LONG, async () => {
    const DATA_DIR = join(await folderOfItsOwn(), 'data');
    let daemon = await startDaemon({ DATA_DIR });
    onTestFinished(async () => void (await daemon.stop()));
    const file = join(DATA_DIR, 'token');
    const token = (await readFile(file, 'utf8')).trim();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(daemon.log.join('\n')).not.toContain(token);

    expect((await fetch(`${daemon.url}/api/jobs`)).status).toBe(401);
    const csv = join(DATA_DIR, 'customers.csv');
    await writeFile(csv, CSV);
    const found = { CSVJOBS_URL: daemon.url, DATA_DIR };
    const upload = await csvjobsWith(found, 'upload', csv, '--watch');
    expect(upload.code, upload.stderr).toBe(3);
    // In another folder there is no token, and the error says what is needed.
    const lost = await csvjobsWith({ CSVJOBS_URL: daemon.url, DATA_DIR: '/nowhere' }, 'list');
    expect(lost.code).toBe(4);
    expect(lost.stderr).toContain('CSVJOBS_TOKEN');
    // CSVJOBS_TOKEN takes precedence over the token file.
    expect((await csvjobsWith({ ...found, CSVJOBS_TOKEN: 'wrong' }, 'list')).code).toBe(4);

    const made = await csvjobsWith(found, 'token', 'create', '--name', 'ci', '--scope', 'read');
    const ci = { CSVJOBS_URL: daemon.url, CSVJOBS_TOKEN: made.stdout.trim() };
    expect((await csvjobsWith(ci, 'list', '--quiet')).stdout.trim()).toBe(upload.stdout.trim());
    const refused = await csvjobsWith(ci, 'upload', csv);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('scope write');
    const list = await csvjobsWith(found, 'token', 'list');
    expect(list.stdout).toMatch(/^ci +read +all +\S+ +\S+ +in use$/m);
    expect(list.stdout).not.toContain(made.stdout.trim());
    expect((await csvjobsWith(found, 'token', 'revoke', 'ci')).code).toBe(0);
    expect((await csvjobsWith(ci, 'list')).code).toBe(4);
    expect((await csvjobsWith(found, 'token', 'revoke', 'ci')).code).toBe(2);

    // The same token after a restart, again readable only by this user.
    await daemon.stop();
    await chmod(file, 0o644);
    daemon = await startDaemon({ DATA_DIR });
    expect((await readFile(file, 'utf8')).trim()).toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('a daemon with external servers', () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace();
  });
  afterAll(() => place.close());

  async function started(environment: Record<string, string>): Promise<RunningDaemon> {
    const daemon = await place.start(environment);
    onTestFinished(async () => void (await daemon.stop()));
    return daemon;
  }

  const statusOf = async (url: string, headers: Record<string, string> = {}) =>
    (await fetch(`${url}/api/jobs`, { headers })).status;

  test('refuses to be open to other machines unless configured', async () => {
    await expect(started({ API_HOST: '0.0.0.0' })).rejects.toThrow(
      /ended with 2[\s\S]*API_HOST is 0\.0\.0\.0[\s\S]*set API_TOKEN/,
    );
    const open = await started({ API_HOST: '0.0.0.0', API_ALLOW_ANONYMOUS: 'true' });
    expect(await statusOf(open.url)).toBe(200);
    await expect.poll(() => open.log.join('\n')).toContain('nobody needs a token');
  });

  test('with API_TOKEN requires that token from another address of this machine', async () => {
    const token = 'a-token-from-the-environment';
    const { url, log } = await started({ API_HOST: '0.0.0.0', API_TOKEN: token });
    const elsewhere = url.replace('0.0.0.0', '127.0.0.2');
    expect(await statusOf(elsewhere)).toBe(401);
    expect(await statusOf(elsewhere, { Authorization: `Bearer ${token}` })).toBe(200);
    expect((await csvjobsWith({ CSVJOBS_URL: elsewhere, CSVJOBS_TOKEN: token }, 'list')).code).toBe(0);
    expect(log.join('\n')).not.toContain(token);
  });

  test('on this machine needs no token until the first one exists; then it may listen on all addresses', async () => {
    const first = await started({});
    expect(await statusOf(first.url)).toBe(200);
    const made = await csvjobsWith(
      { CSVJOBS_URL: first.url },
      'token',
      'create',
      '--name',
      'me',
      '--scope',
      'admin',
    );
    expect(made.code, made.stderr).toBe(0);
    expect(await statusOf(first.url)).toBe(401);
    const wide = await started({ API_HOST: '0.0.0.0' });
    expect(await statusOf(wide.url)).toBe(401);
    expect(await statusOf(wide.url, { Authorization: `Bearer ${made.stdout.trim()}` })).toBe(200);
  });

  test('warns about a CORS_ORIGIN that allows everyone', async () => {
    const { log } = await started({ CORS_ORIGIN: '*', API_ALLOW_ANONYMOUS: 'true' });
    expect(log.join('\n')).toMatch(/"level":"warn".*CORS_ORIGIN is \*/);
  });
});

test('notifies systemd when the daemon is ready', async () => {
  const place = await openPlace();
  onTestFinished(() => place.close());
  const { folder } = place;
  // Replaces systemd-notify(1), which sends its arguments to the socket.
  const told = join(folder, 'told');
  await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$NOTIFY_SOCKET $@" > '${told}'\n`, {
    mode: 0o755,
  });
  const { process: started, url } = await place.start({
    NOTIFY_SOCKET: '/run/notify',
    PATH: `${folder}:${process.env.PATH}`,
  });
  await expect
    .poll(() => readFile(told, 'utf8').catch(() => ''))
    .toBe(`/run/notify --ready --pid=${started.pid} --status=listening on ${url}\n`);
});

test('systemd accepts the unit file, if it is installed', async () => {
  const unit = join(import.meta.dirname, '../../deploy/csvjobsd.service');
  const text = await readFile(unit, 'utf8');
  expect(text).toMatch(/^Type=notify$/m);
  expect(text).toMatch(/^NotifyAccess=all$/m);
  const said = await new Promise<string>((resolve) => {
    execFile('systemd-analyze', ['verify', '--man=no', unit], (error, _out, err) =>
      resolve((error as NodeJS.ErrnoException | null)?.code === 'ENOENT' ? '' : err),
    );
  });
  // Complaints about this machine (users, other units) are not about the file.
  expect(said.split('\n').filter((line) => line.includes('csvjobsd.service:'))).toEqual([]);
  // Its exposure, 0 to 10 (systemd.exec's sandboxing): 1.8 when this was written. Older versions of systemd cannot compute it.
  const exposed = await new Promise<string>((resolve) => {
    const args = ['security', '--offline=true', '--no-pager', unit];
    execFile('systemd-analyze', args, (_error, out) => resolve(out));
  });
  const level = /Overall exposure level for csvjobsd.service: (\S+)/.exec(exposed)?.[1];
  if (level !== undefined) expect(Number(level)).toBeLessThan(2.5);
});
