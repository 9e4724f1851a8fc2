/** What is noted of an upload: whose it is, where its process was killed, still runs, or its number is another's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { resumeRecords } from '../../src/client/pieces/record.js';
import { processName } from '../../src/localDaemon/processName.js';
import { folder } from '../spawn.js';

const UPLOAD = {
  upload: '/api/uploads/1',
  key: 'a key',
  file: { size: 5, mtimeMs: 7, start: 'the hash of its start' },
};

/** Records of a folder of their own; `by` makes what is noted that of another process. */
function noted(): { find(): unknown; by(process: string): void } {
  const state = folder();
  vi.stubEnv('XDG_STATE_HOME', state);
  onTestFinished(() => void vi.unstubAllEnvs());
  const records = resumeRecords('a file');
  records.note(UPLOAD);
  const uploads = join(state, 'csvjobs', 'uploads');
  const file = join(uploads, readdirSync(uploads)[0]!);
  return {
    find: () => resumeRecords('a file').find(),
    by: (process) =>
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), process })),
  };
}

test('its own process finds it; a process that runs keeps it from others', () => {
  const { find, by } = noted();
  expect(find()).toMatchObject(UPLOAD);
  by(processName(process.ppid));
  expect(find()).toBeUndefined();
});

test('a number that another process has by now', () => {
  const { find, by } = noted();
  by(`${process.ppid}-1`);
  expect(find()).toMatchObject(UPLOAD);
});

test.skipIf(process.platform !== 'linux')(
  'a process that was killed and that nobody has waited for: its number stays taken',
  async () => {
    const { find, by } = noted();
    // The shell becomes a program that does not wait for what the shell has started, which ends when its stdin does.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const pid = Number(line.toString());
    by(processName(pid));
    expect(find()).toBeUndefined();
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(find()).toMatchObject(UPLOAD);
  },
);
