/** On a terminal the daemon's log is readable text; a pipe, a file and a log driver get JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { DAEMON } from './support/programs.js';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

/** Starts a daemon that waits for a PostgreSQL, and logs that; returns what it has printed by then. */
async function printed(by: (program: string) => [string, string[]], passes: RegExp): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-log-'));
  const [command, args] = by(`'${process.execPath}' '${DAEMON}'`);
  child = spawn(command, args, {
    env: {
      ...{ PATH: process.env.PATH, HOME: folder, SHELL: '/bin/sh', TERM: 'xterm', API_PORT: '0' },
      ...{
        DATA_DIR: folder,
        DATABASE_URL: 'postgres://127.0.0.1:1/nowhere',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await vi.waitFor(() => expect(stripVTControlCharacters(text)).toMatch(passes));
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
  return stripVTControlCharacters(text);
}

test('on a terminal each line starts with the time of day, the level and the message', async () => {
  const text = await printed(
    (program) => ['script', ['-qec', `exec ${program}`, '/dev/null']],
    /^\[?\d\d:\d\d:\d\d\]? (INFO|WARN): \w.*\r\n/m,
  );
  expect(text).not.toContain('{"level"');
});

test('in a pipe each line is JSON', async () => {
  const text = await printed((program) => ['/bin/sh', ['-c', `exec ${program}`]], /^\{"level":.*\}\n/m);
  for (const line of text.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
});
