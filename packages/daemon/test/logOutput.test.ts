import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';

let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});

/** Runs a program that has `output`, an open log, and `log`, like the daemon. */
function running(
  program: string,
  environment: Record<string, string> = {},
  { keptBytes = '', stdout = 'pipe' as 'pipe' | number } = {},
): ChildProcess {
  const dist = new URL('../dist/', import.meta.url).href;
  const opened = `
    import { createLog } from '${dist}log.js';
    import { openLogOutput } from '${dist}logOutput.js';
    const output = openLogOutput(${keptBytes});
    const log = createLog('info', output);
    process.stdout; // As in the daemon, whose pipes do not block once somebody has looked at it.
    ${program}`;
  child = spawn(process.execPath, ['--input-type=module', '--eval', opened], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['pipe', stdout, 'inherit'],
  });
  return child;
}

/** Reads the rest of the log: its lines, once the program has ended with 0. */
async function lines(from: ChildProcess): Promise<Record<string, unknown>[]> {
  let text = '';
  from.stdout!.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const [code] = await once(from, 'close');
  expect(code).toBe(0);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('the last line is written last, however busy the writing threads are', async () => {
  const program = running(
    `import { pbkdf2 } from 'node:crypto';
     pbkdf2('', '', 1_000_000, 64, 'sha512', () => {});
     for (let line = 0; line < 3; line++) log.info({ line }, 'said');
     await output.end(30_000);
     process.exit(0);`,
    { UV_THREADPOOL_SIZE: '1' },
  );
  expect((await lines(program)).map(({ line }) => line)).toEqual([0, 1, 2]);
});

test('a stalled reader does not keep the process from ending', async () => {
  const program = running(
    `log.info({ much: 'x'.repeat(4 * 2 ** 20) }, 'said');
     log.info('said');
     await output.end(300);
     process.exit(0);`,
  );
  const [code] = await once(program, 'exit');
  expect(code).toBe(0);
});

test('the buffer for a stalled reader is bounded, and the reader learns how much it missed', async () => {
  const program = running(
    `for (let line = 0; line < 40; line++) log.info({ line, much: 'x'.repeat(2 ** 20) }, 'said');
     await output.end(30_000);
     process.exit(0);`,
    {},
    { keptBytes: String(4 * 2 ** 20) },
  );
  const said = await lines(program);
  const kept = said.slice(0, -1);
  expect(kept.length).toBeLessThanOrEqual(4);
  expect(kept.map(({ line }) => line)).toEqual(kept.map((_, at) => at));
  expect(said.at(-1)).toMatchObject({ level: 'warn', lines: 40 - kept.length });
});

test('a full disk for the log ends no process', async () => {
  const full = openSync('/dev/full', 'w');
  const program = running(
    `log.info('said');
     setTimeout(async () => {
       log.info('said');
       await output.end(30_000);
       process.exit(0);
     }, 50);`,
    {},
    { stdout: full },
  );
  const [code] = await once(program, 'exit');
  closeSync(full);
  expect(code).toBe(0);
});

test('nor does a reader that has disconnected', async () => {
  const program = running(
    `process.stdin.once('data', async () => {
       log.info('said');
       setTimeout(async () => {
         log.info('said');
         await output.end(120_000);
         process.exit(0);
       }, 50);
     });
     log.info('ready');`,
  );
  await once(program.stdout!, 'data');
  program.stdout!.destroy();
  program.stdin!.write('go on');
  const [code] = await once(program, 'exit');
  expect(code).toBe(0);
});
