/** Settings: flag > environment > project file > user file > default, each with its source. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { Peer } from './peer.js';
import { csvFile, csvjobs, folder } from './spawn.js';

let cwd: string;
let home: string;
beforeEach(() => {
  cwd = join(folder(), 'project', 'deep');
  mkdirSync(cwd, { recursive: true });
  home = folder();
});

const write = (file: string, value: unknown) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
};
const project = (value: unknown) => write(join(cwd, '..', '.csvjobs.json'), value);
const user = (value: unknown) => write(join(home, 'csvjobs', 'config.json'), value);
const run = (args: string[], env: Record<string, string> = {}) =>
  csvjobs(args, { cwd, env: { XDG_CONFIG_HOME: home, ...env } });
const setting = async (name: string, args: string[] = [], env: Record<string, string> = {}) => {
  const { stdout, stderr } = await run(['config', 'list', '--json', ...args], env);
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { name: string; value: string; origin: string }[]).find(
    (row) => row.name === name,
  );
};

test('each layer overrides those below it', async () => {
  expect(await setting('url')).toMatchObject({ value: 'http://127.0.0.1:4000/', origin: 'default' });
  user({ url: 'http://user:1' });
  expect(await setting('url')).toMatchObject({ value: 'http://user:1/', origin: 'user file' });
  project({ url: 'http://project:1' });
  expect(await setting('url')).toMatchObject({ value: 'http://project:1/', origin: 'project file' });
  const env = { CSVJOBS_URL: 'http://env:1' };
  expect(await setting('url', [], env)).toMatchObject({ value: 'http://env:1/', origin: 'environment' });
  expect(await setting('url', ['--url', 'http://flag:1'], env)).toMatchObject({
    value: 'http://flag:1/',
    origin: 'flag',
  });
});

test('a token is never printed', async () => {
  const { stdout, stderr } = await run(['config', 'list'], { CSVJOBS_TOKEN: 'very-secret' });
  expect(stdout).toContain('(set)');
  expect(stdout + stderr).not.toContain('very-secret');
});

test('a token in a project file is refused', async () => {
  project({ token: 'shared-with-all' });
  const { code, stderr } = await run(['list']);
  expect(code).toBe(2);
  expect(stderr).toContain('CSVJOBS_TOKEN');
  expect(stderr).not.toContain('shared-with-all');
});

test("the user's token is not sent to a project's URL", async () => {
  const peer = await new Peer().listen();
  user({ token: 'mine' });
  project({ url: peer.url });
  await run(['list']);
  await run(['list'], { CSVJOBS_URL: peer.url });
  expect(peer.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer mine']);
  await peer.close();
});

for (const [name, value, message] of [
  ['not JSON', '{url', /is invalid/],
  ['a value of the wrong type', { url: 4000 }, /not a string/],
] as const)
  test(`an invalid file (${name}) is reported with its path`, inShortIf(name === 'not JSON'), async () => {
    user(value);
    const { code, stderr } = await run(['list']);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain(join(home, 'csvjobs', 'config.json'));
  });

test('a URL with a password is refused', async () => {
  const { code, stderr } = await run(['list'], { CSVJOBS_URL: 'http://a:secret@host' });
  expect(code).toBe(2);
  expect(stderr).not.toContain('secret');
});

test('an unknown key is a warning and a doctor finding, but fails no command', async () => {
  const daemon = await new Peer().listen();
  user({ adress: 'x', url: daemon.url });
  const { code, stderr } = await run(['list']);
  expect(code).toBe(0);
  expect(stderr).toContain('has a key "adress", which csvjobs does not know');
  expect((await run(['list', '--json'])).stderr).toBe('');
  const doctor = await run(['doctor']);
  expect(doctor).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ config +.*"adress"/) });
  await daemon.close();
});

test('config set, get and unset: values are validated, only the owner may read the file, a token is never an argument', async () => {
  const file = join(home, 'csvjobs', 'config.json');
  expect(await run(['config', 'set', 'url', 'localhost:4001'])).toMatchObject({ code: 0, stdout: '' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await run(['config', 'get', 'url'])).stdout).toBe('http://localhost:4001/\n');
  expect(await setting('url')).toMatchObject({ origin: 'user file' });
  for (const args of [
    ['set', 'url', 'ftp://x'],
    ['set', 'url', '4001'],
    ['set', 'reconnect', 'soon'],
    ['set', 'token', 'secret'],
    ['set', 'colour', 'red'],
    ['get', 'colour'],
  ])
    expect({ args, code: (await run(['config', ...args])).code }).toEqual({ args, code: 2 });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url: 'localhost:4001' });
  for (const time of ['90s', '5m', '2h']) {
    await run(['config', 'set', 'reconnect', time]);
    expect((await run(['config', 'get', 'reconnect'])).stdout, 'can be set again').toBe(`${time}\n`);
  }
  await run(['config', 'unset', 'url']);
  const again = await run(['config', 'unset', 'url']);
  expect(again.code).toBe(0);
  expect(again.stderr).toMatch(/^url was not set \(.*config\.json\).*: nothing was changed\.$/m);
  expect(await setting('url')).toMatchObject({ origin: 'default' });
});

test('login at an https address where http is spoken: the login that works', async () => {
  const peer = await new Peer().listen();
  const { code, stderr } = await csvjobs(['login', peer.url.replace('http:', 'https:')], {
    cwd,
    env: { XDG_CONFIG_HOME: home },
    input: '\n',
  });
  expect({ code, stderr }).toEqual({
    code: 6,
    stderr: expect.stringContaining(`next: csvjobs login ${peer.url} < token.txt\n`),
  });
  await peer.close();
});

test('a key that is no setting can be removed, and only such a key or a setting', async () => {
  const file = join(home, 'csvjobs', 'config.json');
  mkdirSync(join(home, 'csvjobs'), { recursive: true });
  writeFileSync(file, JSON.stringify({ colour: 'red', profiles: { prod: {} } }));
  expect((await run(['config', 'unset', 'profiles'])).code).toBe(2);
  expect((await run(['config', 'unset', 'colour'])).code).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ profiles: { prod: {} } });
});

test('a profile: its flag beats the environment, CSVJOBS_PROFILE does not; its token goes only to its daemon', async () => {
  const [prod, other] = [await new Peer().listen(), await new Peer().listen()];
  prod.token = 'of-prod';
  const login = await csvjobs(['login', prod.url, '--profile', 'prod'], {
    cwd,
    env: { XDG_CONFIG_HOME: home },
    input: 'of-prod\n',
  });
  expect(login).toMatchObject({ code: 0, stdout: '' });
  expect(login.stderr).not.toContain('of-prod');
  const env = { CSVJOBS_URL: other.url };
  const address = async (args: string[], more = {}) =>
    (await setting('url', args, { ...env, ...more }))?.value;
  expect(await address(['--profile', 'prod'])).toBe(`${prod.url}/`);
  expect(await address([], { CSVJOBS_PROFILE: 'prod' })).toBe(`${other.url}/`);
  expect((await run(['list', '--profile', 'prod'], env)).code).toBe(0);
  await run(['list', '--profile', 'prod', '--url', other.url]);
  await run(['list'], { ...env, CSVJOBS_PROFILE: 'prod' });
  expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  for (const peer of [prod, other]) await peer.close();
});

describe('a token that is refused: the next step changes the one that was sent', () => {
  type Place = {
    profile?: object;
    user?: object;
    project?: object;
    env?: Record<string, string>;
    args?: string[];
  };
  const unknown = 'to a token of this daemon';
  const OTHER_TOKEN =
    'log in with a token that may do this, then add --profile <name>: csvjobs login URL --profile <name>';
  const PLACES: [string, (url: string) => Place, unknown: string, insufficient: string][] = [
    [
      'a profile',
      (url) => ({ profile: { url, token: 'x' }, args: ['--profile', 'ci'] }),
      'csvjobs login URL --profile ci',
      OTHER_TOKEN,
    ],
    [
      'the file of the user',
      (url) => ({ user: { url, token: 'x' } }),
      `csvjobs login URL, or set CSVJOBS_TOKEN ${unknown}`,
      OTHER_TOKEN,
    ],
    [
      'the environment, which is before a login',
      (url) => ({ env: { CSVJOBS_URL: url, CSVJOBS_TOKEN: 'x', CSVJOBS_PROFILE: 'ci' }, profile: {} }),
      `set CSVJOBS_TOKEN ${unknown}, or unset it and run: csvjobs login URL --profile ci`,
      'set CSVJOBS_TOKEN to a token that may do this',
    ],
    [
      'a profile whose token is not sent to this address',
      (url) => ({
        profile: { url: 'http://127.0.0.1:1', token: 'x' },
        args: ['--profile', 'ci', '--url', url],
      }),
      'to send the token of the profile, leave out --url',
      OTHER_TOKEN,
    ],
    [
      'the file of the user, not sent to the address of a project',
      (url) => ({ project: { url }, user: { token: 'x' } }),
      `set CSVJOBS_TOKEN ${unknown}`,
      OTHER_TOKEN,
    ],
  ];
  for (const [place, placed, ...steps] of PLACES)
    it(place, inShortIf(/environment|project/.test(place)), async () => {
      const daemon = await new Peer().listen();
      const { profile, user: own = {}, project: shared, env, args = [] } = placed(daemon.url);
      user({ ...own, ...(profile && { profiles: { ci: profile } }) });
      if (shared) project(shared);
      const next = async () => {
        const { code, stderr } = await run(['token', 'create', '--name', 'ci', ...args], env);
        expect(code).toBe(4);
        return /next: (.*)/.exec(stderr)?.[1]?.replaceAll(daemon.url, 'URL');
      };
      daemon.token = 'right';
      const refused = [await next()];
      daemon.token = undefined;
      daemon.lacksScope = true;
      expect([...refused, await next()]).toEqual(steps);
      await daemon.close();
    });

  it('the profiles for the same daemon that have another token are proposed', async () => {
    const daemon = await new Peer().listen();
    daemon.lacksScope = true;
    const [url, elsewhere] = [daemon.url, 'https://csv.example.com/'];
    user({
      profiles: {
        ci: { url, token: 'x' },
        admin: { url: elsewhere, token: 'a' },
        ops: { url, token: 'y' },
        'the boss': { url, token: 'z' },
        same: { url, token: 'x' },
        none: { url },
        broken: { url: 'no address', token: 'y' },
      },
    });
    const { stderr } = await run(['token', 'list', '--profile', 'ci']);
    expect(stderr).toContain("next: if its token may do this, add --profile ops or --profile 'the boss'\n");
    await daemon.close();
  });

  it('the daemon of this machine keeps a token that may', LONG, async () => {
    const daemon = await new Peer().listen();
    daemon.lacksScope = true;
    write(join(home, 'a daemon', 'token'), 'admins');
    user({ url: daemon.url, token: 'x' });
    const { stderr } = await run(['token', 'list'], { DATA_DIR: join(home, 'a daemon') });
    expect(stderr).toContain(
      `csvjobs login ${daemon.url} --profile admin < '${join(home, 'a daemon', 'token')}'\n`,
    );
    user({
      url: daemon.url,
      token: 'x',
      profiles: { admin: { url: 'https://csv.example.com/', token: 'y' } },
    });
    expect((await run(['token', 'list'], { DATA_DIR: join(home, 'a daemon') })).stderr).toContain(
      `csvjobs login ${daemon.url} --profile admin-2 < '${join(home, 'a daemon', 'token')}'\n`,
    );
    await daemon.close();
  });
});

test('login: stores nothing if the daemon refuses the token', async () => {
  const daemon = await new Peer().listen();
  daemon.token = 'right';
  const login = await csvjobs(['login', daemon.url, '--profile', 'far away'], {
    cwd,
    env: { XDG_CONFIG_HOME: home },
    input: 'wrong\n',
  });
  expect(login.code).toBe(4);
  // Read from a pipe: the same command without it would read another.
  expect(login.stderr).toContain(`next: csvjobs login ${daemon.url} --profile 'far away' < token.txt\n`);
  expect(await setting('url')).toMatchObject({ origin: 'default' });
  await daemon.close();
});

test('without a home, as under cron: settings are read, and failed writes say why', LONG, async () => {
  const daemon = await new Peer().listen();
  const bare = { HOME: '', CSVJOBS_URL: daemon.url };
  expect((await csvjobs(['list'], { cwd, env: bare })).code).toBe(0);
  expect((await csvjobs(['upload', csvFile()], { cwd, env: bare })).code).toBe(0);
  const start = await csvjobs(['daemon', 'start'], { cwd, env: { HOME: '' } });
  expect(start.code).toBe(2);
  expect(start.stderr).toMatch(/set HOME, or XDG_STATE_HOME/);
  for (const args of [
    ['config', 'set', 'url', daemon.url],
    ['login', daemon.url],
  ]) {
    const { code, stderr } = await csvjobs(args, { cwd, env: { HOME: '' }, input: '\n' });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/XDG_CONFIG_HOME/) });
  }
  await daemon.close();
});

let peer: Peer | undefined;
afterEach(() => peer?.close());
test('daemon logs: without a daemon, and with one that was started in another way', async () => {
  peer = await new Peer().listen();
  const env = { CSVJOBS_URL: peer.url };
  const other = await run(['daemon', 'logs'], env);
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toMatch(
    /There is no log\n.*one that was started in another way answers\n.*journalctl/,
  );
  await peer.close();
  expect((await run(['daemon', 'logs'], env)).stderr).toMatch(/\n {2}next: csvjobs daemon start\n$/);
});

test('doctor: all ok, a broken part, no daemon', async () => {
  peer = await new Peer().listen();
  const env = { CSVJOBS_URL: peer.url };
  expect(await run(['doctor'], env)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ postgresql'),
  });
  peer.ready = false;
  const unwell = await run(['doctor'], env);
  expect(unwell).toMatchObject({ code: 6, stdout: expect.stringContaining('✗ postgresql') });
  expect(unwell.stdout).toContain('next: start PostgreSQL, or fix DATABASE_URL');
  expect(unwell.stdout).not.toContain('access');
  await peer.close();
  const gone = await run(['doctor', '--json'], env);
  expect(gone.code).toBe(6);
  expect(JSON.parse(gone.stdout)).toMatchObject({ ok: false });
});

test('doctor: a refused, a missing and an accepted token', async () => {
  peer = await new Peer().listen();
  peer.token = 'csvjobs_right';
  const env = { CSVJOBS_URL: peer.url };
  const wrong = await run(['doctor'], { ...env, CSVJOBS_TOKEN: 'csvjobs_wrong' });
  expect(wrong).toMatchObject({ code: 4, stdout: expect.stringContaining('✗ access') });
  expect(wrong.stdout).toContain('next: set CSVJOBS_TOKEN');
  expect(await run(['doctor'], env)).toMatchObject({ code: 4 });
  const right = await run(['doctor'], { ...env, CSVJOBS_TOKEN: 'csvjobs_right' });
  expect(right).toMatchObject({ code: 0, stdout: expect.stringContaining('accepted (CSVJOBS_TOKEN)') });
  expect(right.stdout).not.toContain('csvjobs_right');
});

test('doctor and config list show what is wrong with a file, and go on without it', LONG, async () => {
  const peer = await new Peer().listen();
  try {
    project('{"url": ');
    user({ url: peer.url, reconnect: 'soon', progres: 'tty' });
    const doctor = await run(['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/^✗ config +The configuration file .*\.csvjobs\.json is invalid: /m);
    expect(doctor.stdout).toMatch(/^✗ config +"soon" \(.*config\.json\) is not a duration/m);
    expect(doctor.stdout).toMatch(/^✗ config +.* has a key "progres", which csvjobs does not know/m);
    expect(doctor.stdout).toMatch(/^✓ daemon +answers at /m);
    const list = await run(['config', 'list']);
    expect(list.code).toBe(2);
    expect(list.stderr).toMatch(/^error: The configuration file .*\.csvjobs\.json is invalid$/m);
    expect(list.stdout).toContain(peer.url);
    // Any other command would continue with values that the user did not intend.
    expect((await run(['list'])).code).toBe(2);
  } finally {
    await peer.close();
  }
});

test('a daemon is not started at the address of another machine', async () => {
  // RFC 5737: an address of documentation is nobody's.
  const { code, stderr } = await run(['daemon', 'start', '--url', 'http://192.0.2.1:4000']);
  expect(code).toBe(2);
  expect(stderr).toContain('and 192.0.2.1 is no address of this machine');
});
