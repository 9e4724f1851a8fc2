/** In the background of a terminal: never stopped by SIGTTIN or SIGTTOU, and plain lines; and after the terminal closed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Peer } from './peer.js';
import {
  csvFile,
  eventually,
  folder,
  MAIN,
  plainText,
  startCommandOnTerminal,
  startOnTerminal,
} from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });

test('under timeout(1): watches to the end, in plain lines', async () => {
  const { id } = peer.addJob();
  const cwd = folder();
  // Not the session leader, which cannot have its own process group.
  const command = `sh -c 'timeout 150 "${process.execPath}" "${MAIN}" watch ${id}; echo code $?'`;
  const { stdout } = await startCommandOnTerminal(command, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm-256color', ...env() },
  }).ended;
  expect(stdout).toContain('code 0');
  expect(stdout).toContain('customers.csv: completed in');
  expect(stdout).not.toContain('\u001b[');
});

test.each([
  [['upload', '--watch']],
  [['upload', '--watch', '--progress', 'tty']],
  [['upload']],
  [['list', '--watch']],
])('%j with & under job control: plain lines, without questions', async (args) => {
  const { id } = peer.addJob({ filename: 'before.csv' });
  const cwd = folder();
  const command = `'${process.execPath}' '${MAIN}' ${args.join(' ')} ${args[0] === 'upload' ? `'${csvFile()}'` : ''}`;
  const script =
    args[0] === 'list' ? `${command} & read stop; kill $!; wait` : `${command} & wait $!; echo "code $?"`;
  const running = startCommandOnTerminal(`bash -c 'set -m; ${script.replaceAll("'", `'\\''`)}'`, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm-256color', ...env() },
  });
  if (args[0] === 'list') {
    await running.until((printed) => printed.includes(`${id} before.csv: completed`));
    running.child.stdin?.write('\n');
    await running.ended;
  } else {
    await running.until((printed) => printed.includes('code 0'));
    expect(plainText(running.stdout())).toContain('customers.csv: accepted as job');
  }
  expect(running.stdout()).not.toContain('\u001b[?25l');
});

test('login with &: not stopped while it reads the token, which a terminal would show', async () => {
  const cwd = folder();
  const script = `'${process.execPath}' '${MAIN}' login '${peer.url}' & wait $!; echo "code $?"`;
  const running = startCommandOnTerminal(`bash -c 'set -m; ${script.replaceAll("'", `'\\''`)}'`, {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm-256color' },
  });
  await running.until((printed) => printed.includes('code 2'));
  expect(plainText(running.stdout())).toContain('Cannot ask for the token');
});

test('nohup: watches to the end although the terminal hangs up', async () => {
  peer.plan = () => ({ steps: 8, holdAt: 5 });
  const cwd = folder();
  const file = csvFile();
  const running = startOnTerminal(['upload', file, '--watch'], { env: env(), cwd, before: 'nohup' });
  const out = () => {
    try {
      return readFileSync(join(cwd, 'nohup.out'), 'utf8');
    } catch {
      return '';
    }
  };
  await eventually(() => out().includes('50%'));
  running.child.kill('SIGKILL');
  await running.ended;
  peer.release([...peer.jobs.keys()][0] ?? '');
  await eventually(() => out().includes('customers.csv: completed in'));
});
