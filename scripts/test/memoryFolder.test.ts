/** Temporary files of tests are in memory where there is enough of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const program = fileURLToPath(new URL('../memoryFolder.mjs', import.meta.url));
const { hasRoom } = await import(program);

interface Told {
  folder?: string;
  mode?: number;
  after: { TMPDIR?: string; isThere: boolean };
}

/** Uses the folder in a process of its own, and then gives it back. */
function use(environment: Record<string, string>): Told {
  const { TMPDIR: _, ...other } = process.env;
  const code = `
    import { existsSync, statSync } from 'node:fs';
    import useMemory from ${JSON.stringify(program)};
    const giveBack = useMemory();
    const folder = process.env.TMPDIR;
    const mode = folder && existsSync(folder) ? statSync(folder).mode & 0o7777 : undefined;
    giveBack();
    const { TMPDIR } = process.env;
    console.log(JSON.stringify({ folder, mode, after: { TMPDIR, isThere: folder !== undefined && existsSync(folder) } }));`;
  const args = ['--input-type=module', '--eval', code];
  return JSON.parse(
    execFileSync(process.execPath, args, { env: { ...other, ...environment }, encoding: 'utf8' }),
  );
}

test.skipIf(!hasRoom())('a folder in memory that every user may use, until the end of the run', () => {
  const { folder, mode, after } = use({});

  expect(folder).toMatch(/^\/dev\/shm\/csvjobs-\d+$/);
  expect(mode).toBe(0o1777);
  expect(after).toEqual({ isThere: false });
});

test('a TMPDIR of your own is kept', () => {
  const own = import.meta.dirname;

  expect(use({ TMPDIR: own })).toMatchObject({ folder: own, after: { TMPDIR: own, isThere: true } });
});

test.skipIf(!hasRoom())(
  'the folder of a killed run is removed, and the folder of a running one stays',
  () => {
    const { pid } = spawnSync(process.execPath, ['--eval', '']);
    const abandoned = `/dev/shm/csvjobs-${pid}`;
    mkdirSync(abandoned);
    const running = `/dev/shm/csvjobs-${process.ppid}`;
    if (!existsSync(running)) {
      mkdirSync(running);
      onTestFinished(() => rmdirSync(running));
    }

    use({});

    expect(existsSync(abandoned)).toBe(false);
    expect(statSync(running).isDirectory()).toBe(true);
  },
);
