/** Every exit code, from the real program. Scripts rely on them. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { refuse } from './peer/answers.js';
import { Peer } from './peer.js';
import {
  csvFile,
  csvjobs,
  eventually,
  folder,
  MAIN,
  start,
  startCommandOnTerminal,
  startOnTerminal,
} from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });

test('0: done without rejects, confirmed by a last GET', async () => {
  const { code, stdout } = await csvjobs(['upload', csvFile(), '--watch'], { env: env() });
  expect(code).toBe(0);
  const id = stdout.trim();
  expect(peer.seen.filter(({ url }) => url === `/api/jobs/${id}`).length).toBeGreaterThan(0);
});

test('0: accepted, without waiting for the end', async () => {
  peer.plan = () => ({ end: 'failed' });
  const { code, stdout } = await csvjobs(['upload', csvFile()], { env: env() });
  expect(code).toBe(0);
  expect([...peer.jobs.keys()]).toEqual([stdout.trim()]);
});

test('1: an answer not from a csvjobs daemon', async () => {
  peer.fault = (_request, response) => {
    response.end('<html>It works!</html>');
    return true;
  };
  const { code, stderr } = await csvjobs(['list'], { env: env() });
  expect(code).toBe(1);
  expect(stderr).toMatch(/not a csvjobs daemon/);
});

/** The short form has one of each kind of mistake. */
const IN_SHORT = [
  'an unknown command',
  'an unknown option',
  'an argument too many',
  'a missing argument',
  'a missing value',
  'a value that an option does not take',
  'an empty value: list --url ',
  'a missing file',
  'an invalid ID',
  'an invalid URL',
  'an unknown profile',
  'waiting without --watch',
];

for (const [name, args, message] of [
  ['an unknown command', ['uplod'], /did you mean "upload"/],
  ['an unknown command close to a command and its alias', ['lst'], /did you mean "list" or "ls"\?/],
  ['an unknown option', ['list', '--jsn'], /did you mean "--json"[\s\S]*csvjobs list --help/],
  [
    'an argument too many',
    ['daemon', 'start', 'extra'],
    /^error: csvjobs daemon start takes no arguments: 1 was given\n {2}next: csvjobs daemon start --help\n$/,
  ],
  [
    'an unknown subcommand',
    ['token', 'creat'],
    /did you mean "create"[\s\S]*its commands are create, list, revoke\n.*csvjobs token --help/,
  ],
  [
    'an unknown subcommand of daemon',
    ['daemon', 'stat'],
    /'daemon stat'[\s\S]*start, stop, restart, status, logs/,
  ],
  [
    'a missing argument',
    ['upload'],
    /^error: The argument <file> is missing\n {2}next: csvjobs upload --help\n$/,
  ],
  ['a missing value', ['list', '--limit'], /^error: An option has no value: -n, --limit <n>\n {2}next:/],
  [
    'a value that an option does not take',
    ['list', '-n', 'ten'],
    /^error: --limit cannot be "ten"\n {2}why: {2}it must be a whole number, 1 or more\n {2}next: csvjobs list --help\n$/,
  ],
  ...[
    ['upload', 'x.csv', '--delimiter', ''],
    ['check', 'x.csv', '--null='],
    ['list', '--url', ''],
    ['token', 'create', '--name', ''],
  ].map((args): [string, string[], RegExp] => [
    `an empty value: ${args.join(' ')}`,
    args,
    /^error: --[a-z]+ cannot be ""\n {2}why: {2}it is empty; leave the option out, or give it a value\n/,
  ]),
  [
    'a value that an argument does not take',
    ['completion', 'csh'],
    /^error: The shell cannot be "csh"\n {2}why: {2}it must be one of bash, zsh, fish\n/,
  ],
  ['a missing file', ['upload', 'nothing-here.csv'], /no such file/],
  ['a folder', ['upload', '/tmp'], /it is a folder/],
  ['an invalid ID', ['show', 'xyz'], /No job matches "xyz"/],
  ['an invalid @ reference', ['show', '@newest'], /does not name a job/],
  ['an @last with an unknown status', ['show', '@last:done'], /does not name a job/],
  [
    'an extra argument',
    ['--url', 'http://127.0.0.1:9', 'show', 'abcdef', 'fedcba'],
    /csvjobs show takes at most 1 argument: 2 were given/,
  ],
  ['an unknown id', ['show', 'abcdef'], /No job matches "abcdef"/],
  ['an invalid limit', ['watch', 'abcdef', '--max-errors', 'few'], /not a limit/],
  ['a limit above 100%', ['watch', 'abcdef', '--max-errors', '101%'], /not a limit/],
  ['an invalid URL', ['list', '--url', 'ftp://localhost'], /not a daemon's address/],
  [
    'a port that cannot be',
    ['list', '--url', 'localhost:99999'],
    /the highest port is 65535, and it has 99999/,
  ],
  [
    'the address of the API',
    ['list', '--url', 'http://localhost:4000/x/api/'],
    /csvjobs itself adds \/api\n.*next: http:\/\/localhost:4000\/x\n/,
  ],
  [
    'a daemon that would have to speak https',
    ['daemon', 'start', '--url', 'https://localhost:9'],
    /a daemon speaks http;[\s\S]*next: .*daemon start --url http:\/\/localhost:9\n/,
  ],
  ['an unknown profile', ['list', '--profile', 'prod'], /no profile "prod"/],
  ['an unknown column', ['list', '--columns', 'id,name'], /"name" is not one of id, status/],
  ['an unknown progress mode', ['list', '--progress', 'loud'], /it must be one of auto, tty/],
  ['an unknown status', ['list', '--status', 'done'], /not a status/],
  ['waiting without --watch', ['upload', 'x.csv', '--timeout', '1s'], /need --watch/],
] as [string, string[], RegExp][])
  test(`2: ${name}`, inShortIf(IN_SHORT.includes(name)), async () => {
    const { code, stdout, stderr } = await csvjobs(args, { env: env() });
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

for (const command of ['upload', 'check'])
  test(
    `2: ${command} with options that do not fit together: the next step is the help, not a spec`,
    inShortIf(command === 'upload'),
    async () => {
      peer.fault = ({ method }, response) => {
        if (method !== 'POST') return false;
        refuse(
          response,
          'spec_invalid',
          '--columns names the fields of a file without a header; add --no-header',
        );
        return true;
      };
      const { code, stderr } = await csvjobs([command, csvFile(), '--columns', 'a,b'], { env: env() });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /error: The options do not fit together\n {2}why: {2}--columns names [^\n]*\n {2}next: csvjobs /,
      );
      expect(stderr).toContain(`next: csvjobs ${command} --help\n`);
    },
  );

test('a path that the daemon does not have: the address without it', LONG, async () => {
  peer.fault = (_, response) => {
    refuse(response, 'not_found', '/foo/api/jobs is not an address of this daemon');
    return true;
  };
  const { stderr } = await csvjobs(['list', '--url', `${peer.url}/foo`], { env: env() });
  expect(stderr).toContain(`  next: ${peer.url}\n`);
});

test('2: a file whose name begins with a hyphen: the command that works', LONG, async () => {
  const cwd = folder();
  writeFileSync(join(cwd, '-dash file.csv'), 'name,email,phone,company\nA,a@b.co,,C\n');
  const refused = await csvjobs(['upload', '-dash file.csv', '--watch'], { env: env(), cwd });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain("next: csvjobs upload './-dash file.csv' --watch\n");
  expect((await csvjobs(['upload', './-dash file.csv', '--watch'], { env: env(), cwd })).code).toBe(0);
});

test('2: a file that the daemon refuses', LONG, async () => {
  const { code, stderr } = await csvjobs(['upload', '-'], { env: env(), input: 'a,b\n1,2\n' });
  expect(stderr).toMatch(/no column "email"/);
  expect(code).toBe(2);
});

for (const [into, is] of [
  [[], true],
  [['--into', 'customers'], false],
] as [string[], boolean][])
  test(
    `2: a file that does not fit customers, with ${JSON.stringify(into)}: whether the table is only the default`,
    inShortIf(is),
    async () => {
      const file = join(folder(), 'orders.csv');
      writeFileSync(file, 'a,b\n1,2\n');
      const args = ['upload', file, ...into];
      peer.fault = ({ method }, response) => {
        if (method === 'POST') refuse(response, 'header_invalid', 'the header has no column "email"');
        return method === 'POST';
      };
      const { code, stderr } = await csvjobs([...args, '--watch'], { env: env() });
      expect(code).toBe(2);
      expect(stderr.includes('No --into was given, so the table is customers')).toBe(is);
      expect(/for another one: csvjobs upload \S+ --watch --into <table>$/m.test(stderr)).toBe(is);
      const checked = await csvjobs(['check', file, ...into], { env: env() });
      expect(checked.stderr.includes('No --into was given, so the table is customers')).toBe(is);
    },
  );

test('2: the daemon names a table that the file fits: the next command has it', LONG, async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'orders.csv'), 'a,b\n1,2\n');
  peer.fault = ({ method }, response) => {
    if (method === 'POST') refuse(response, 'header_invalid', 'no', {}, ['--into', 'sales."Order Lines"']);
    return method === 'POST';
  };
  const { code, stderr } = await csvjobs(['upload', 'orders.csv', '--watch'], { env: env(), cwd });
  expect(code).toBe(2);
  expect(stderr).toContain(`next: csvjobs upload orders.csv --watch --into 'sales."Order Lines"'\n`);
  expect(stderr).not.toContain('No --into was given');
  // A screen for the columns of customers would not help.
  const terminal = await startOnTerminal(['upload', 'orders.csv'], { env: env(), cwd }).ended;
  expect(terminal.code).toBe(2);
  expect(terminal.stdout).toContain('next: ');
  expect(terminal.stdout).not.toContain('Map the columns now?');
});

test('2: an ambiguous ID prefix lists its matches', async () => {
  for (const last of ['1', '2'])
    peer.addJob({ id: `abc00000-0000-4000-8000-00000000000${last}`, filename: `file${last}.csv` });
  const { code, stderr } = await csvjobs(['show', 'abc'], { env: env() });
  expect(code).toBe(2);
  expect(stderr).toContain('file1.csv');
  expect(stderr).toContain('file2.csv');
});

test('3: done, with rejected rows', async () => {
  peer.plan = () => ({ bad: 7 });
  expect((await csvjobs(['upload', csvFile(), '--watch'], { env: env() })).code).toBe(3);
});

test('4: no token, a wrong one; 0 with the right one', async () => {
  peer.token = 'right';
  const without = await csvjobs(['list'], { env: env() });
  expect(without.code).toBe(4);
  expect(without.stderr).toMatch(/CSVJOBS_TOKEN/);
  const wrong = await csvjobs(['list', '--verbose'], { env: env({ CSVJOBS_TOKEN: 'wrong-secret' }) });
  expect(wrong.code).toBe(4);
  expect(wrong.stderr).toMatch(/does not accept this token[\s\S]*csvjobs login/);
  expect(wrong.stderr).not.toContain('wrong-secret');
  expect((await csvjobs(['list'], { env: env({ CSVJOBS_TOKEN: 'right' }) })).code).toBe(0);
});

for (const end of ['failed', 'cancelled'] as const)
  test(`5: a job that is ${end}`, inShortIf(end === 'failed'), async () => {
    peer.plan = () => ({ end });
    expect((await csvjobs(['upload', csvFile(), '--watch'], { env: env() })).code).toBe(5);
  });

test('6: nothing listens', async () => {
  const { url } = peer;
  await peer.close();
  const { code, stderr } = await csvjobs(['list'], { env: { CSVJOBS_URL: url } });
  expect(code).toBe(6);
  expect(stderr).toContain(`next: csvjobs daemon start --url ${url}\n`);
});

test('6: a port that fetch blocks', async () => {
  const { code, stderr } = await csvjobs(['list'], { env: { CSVJOBS_URL: 'http://127.0.0.1:6000' } });
  expect(code).toBe(6);
  expect(stderr).toContain('next: use another port');
});

test('7: more rejects than --max-errors allows; 0 up to it', async () => {
  peer.plan = () => ({ rows: 1000, bad: 25 });
  const with_ = async (limit: string) =>
    (await csvjobs(['upload', csvFile(), '--watch', '--max-errors', limit], { env: env() })).code;
  expect(await Promise.all(['24', '25', '2.4%', '2.5%'].map(with_))).toEqual([7, 0, 7, 0]);
  const why = 'exit 7: 25 of 1,000 rows are rejected, and --max-errors allows 24\n';
  const path = csvFile();
  const args = ['--max-errors', '2.4%'];
  const uploaded = await csvjobs(['upload', path, '--watch', ...args], { env: env() });
  expect(uploaded.stderr).toContain(`${path}: ${why}`);
  const id = uploaded.stdout.trim();
  expect((await csvjobs(['watch', id, ...args], { env: env() })).stderr).toContain(`customers.csv: ${why}`);
  const quiet = await csvjobs(['watch', id, ...args, '--quiet'], { env: env() });
  expect(quiet).toMatchObject({ code: 7, stderr: '' });
  expect((await csvjobs(['watch', id], { env: env() })).stderr).not.toContain('exit 7');
  const file = join(folder(), 'bad.csv');
  writeFileSync(file, 'name,email,phone,company\nA,none,,C\nB,b@c.co,,C\n');
  const checked = await csvjobs(['check', file, '--max-errors', '0'], { env: env() });
  expect(checked).toMatchObject({ code: 7 });
  expect(checked.stderr).toContain(`${file}: exit 7: 1 of 2 rows is rejected, and --max-errors allows 0\n`);
});

test('8: timed out, with the command to continue watching', async () => {
  peer.plan = () => ({ holdAt: 2 });
  const { code, stdout, stderr } = await csvjobs(['upload', csvFile(), '--watch', '--timeout', '300ms'], {
    env: env(),
  });
  expect(code).toBe(8);
  expect(stderr).toContain(`csvjobs watch ${stdout.trim()}`);
  expect(stderr).toContain('customers.csv: no longer watched: Job ');
  expect(stderr).not.toContain('failed');
});

test('8 or that of the job, if it has ended when the time is up and no event has said so', async () => {
  // Never answered: the connection ends with the command.
  peer.fault = async ({ url = '', socket }) => {
    if (url.includes('/stream')) await once(socket, 'close');
    return false;
  };
  const ended = peer.addJob({ failedCount: 3, successCount: 97 }).id;
  const running = peer.addJob({ status: 'processing', completedAt: null }).id;
  // On a busy machine the last look at the job may take more than its 2 seconds.
  for (const [id, code] of [
    [ended, 3],
    [running, 8],
  ] as const)
    await expect
      .poll(async () => (await csvjobs(['watch', id, '--timeout', '300ms'], { env: env() })).code)
      .toBe(code);
});

test(
  '8 when the time is up and the daemon hangs, long before a request to it is given up',
  LONG,
  async () => {
    const { id } = peer.addJob({ status: 'processing', completedAt: null });
    const hung: string[] = [];
    let answered = false;
    peer.fault = async ({ url = '', socket }) => {
      // Only the first request of `watch` is answered, not its last look, which may be its second.
      if (!answered && url === `/api/jobs/${id}`) {
        answered = true;
        return false;
      }
      hung.push(url);
      await once(socket, 'close');
      return false;
    };
    const before = start(['list'], { env: env() });
    await eventually(() => hung.length === 1);
    const watching = start(['watch', id, '--timeout', '300ms'], { env: env() });
    expect(await Promise.race([before.ended, watching.ended])).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('--timeout has expired'),
    });
    await eventually(() => hung.includes(`/api/jobs/${id}`));
    before.child.kill();
    await before.ended;
  },
);

for (const [signal, expected] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(
    `${signal} while watching: ${expected}, the job continues`,
    inShortIf(signal !== 'SIGINT'),
    async () => {
      peer.plan = () => ({ holdAt: 3 });
      const running = start(['upload', csvFile(), '--watch', '--progress', 'json'], { env: env() });
      await running.until((printed) => printed.includes('"processedRows":400'));
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.ended;
      expect(code).toBe(expected);
      expect(stderr).toContain(`csvjobs watch ${stdout.trim()}`);
      expect(peer.jobs.get(stdout.trim())?.status).toBe('processing');
    },
  );

for (const [signal, expected] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(
    `${signal} while uploading: ${expected}, and the daemon has no job`,
    inShortIf(signal === 'SIGINT'),
    async () => {
      const running = start(['upload', '-'], { env: env(), input: 'open' });
      running.child.stdin?.write('name,email,phone,company\n');
      await eventually(() => peer.seen.length > 0);
      running.child.kill(signal);
      const { code, stderr } = await running.ended;
      expect(code).toBe(expected);
      expect(stderr).toContain('Not uploaded, and nothing left behind');
      await eventually(() => peer.cutUploads === 1);
      expect(peer.jobs.size).toBe(0);
    },
  );

test('the terminal closes: 129, not a crash over a terminal that cannot be restored', async () => {
  peer.plan = () => ({ holdAt: 3 });
  const cwd = folder();
  const script = join(cwd, 'script');
  // The shell gets the hang-up, passes it on, and records how csvjobs ended.
  const call = `'${process.execPath}' '${MAIN}' upload '${csvFile()}' --watch`;
  writeFileSync(script, `trap 'kill -HUP $!' HUP\n${call} < /dev/tty &\nwait $!\nwait $!\necho $? > code\n`);
  const running = startCommandOnTerminal(`sh ${script}`, {
    cwd,
    env: { ...env(), HOME: cwd, PATH: process.env.PATH ?? '', TERM: 'xterm' },
  });
  await running.until((printed) => printed.includes('q leave') && printed.includes('40%'));
  running.child.kill('SIGKILL');
  const file = join(cwd, 'code');
  await eventually(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
  expect(readFileSync(file, 'utf8').trim()).toBe('129');
});

test('Ctrl-C on a terminal, a key in the live view: 130', async () => {
  peer.plan = () => ({ holdAt: 3 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env() });
  await running.until((printed) => printed.includes('q leave') && printed.includes('40%'));
  running.child.stdin?.write('\u0003');
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/To come back: csvjobs watch [\da-f]{8}\s/);
});

test('q on a terminal: 8, not watched to the end', async () => {
  peer.plan = () => ({ holdAt: 3 });
  const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env() });
  await running.until((printed) => printed.includes('q leave') && printed.includes('40%'));
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(8);
});

test('several files: the worst exit code, and all are uploaded', LONG, async () => {
  peer.plan = (name) => ({ bad: name === 'c.csv' ? 3 : 0, end: name === 'b.csv' ? 'failed' : 'completed' });
  const files = [csvFile('a.csv'), csvFile('b.csv'), csvFile('c.csv')];
  const { code, stdout } = await csvjobs(['upload', ...files, '--watch'], { env: env() });
  expect(code).toBe(5);
  expect(stdout.trim().split('\n')).toEqual([...peer.jobs.keys()]);
});

for (const [expected, more] of [
  [0, { status: 'completed' }],
  [3, { status: 'completed', failedCount: 2, successCount: 98 }],
  [5, { status: 'failed' }],
] as const)
  test(
    `watch on a finished job returns ${expected}, as watching it live would`,
    inShortIf(expected === 3),
    async () => {
      const { id } = peer.addJob(more);
      expect((await csvjobs(['watch', id], { env: env() })).code).toBe(expected);
    },
  );

test('a completed event is not enough: a GET must confirm it', async () => {
  peer.plan = () => ({ holdAt: 2 });
  let lies = 0;
  peer.fault = (request, response) => {
    const id = /^\/api\/jobs\/(.+)\/stream$/.exec(request.url ?? '')?.[1];
    if (id === undefined) return false;
    lies += 1;
    const lie = {
      jobId: id,
      processedRows: 9,
      totalRows: 9,
      successCount: 9,
      failedCount: 0,
      status: 'completed',
    };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify(lie)}\n\n`);
    return true;
  };
  const running = start(['upload', csvFile(), '--watch'], { env: env() });
  // It reconnects for another lie after each GET that does not confirm the last one.
  await eventually(() => lies >= 3);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).not.toContain('completed');
});
