/** Records of interrupted uploads, and who may resume them: after a kill, while the process runs, after its PID was reused. */
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

/** Records in their own folder; `by` assigns the record to another process. */
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

test('a process finds its own record; while it runs, others do not', () => {
  const { find, by } = noted();
  expect(find()).toMatchObject(UPLOAD);
  by(processName(process.ppid));
  expect(find()).toBeUndefined();
});

test('a record of a reused PID is found', () => {
  const { find, by } = noted();
  by(`${process.ppid}-1`);
  expect(find()).toMatchObject(UPLOAD);
});

test.skipIf(process.platform !== 'linux')(
  'a record of a killed process that is still a zombie is found',
  async () => {
    const { find, by } = noted();
    // The shell becomes a program that does not wait for its child; the child exits when its stdin ends.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    const pid = Number(line.toString());
    by(processName(pid));
    expect(find()).toBeUndefined();
    // Until then the shell might still wait for the child.
    await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'));
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(find()).toMatchObject(UPLOAD);
  },
);
