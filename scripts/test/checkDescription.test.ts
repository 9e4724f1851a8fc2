/** The lint of the API's description: it passes for ours, and a warning fails it as an error does. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Description = { servers?: unknown; paths: Record<string, Record<string, Record<string, unknown>>> };

function lint(change: (description: Description) => void): Promise<{ code: number; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-description-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const description = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as Description;
  change(description);
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(description));
  return new Promise((resolve) =>
    execFile(process.execPath, [join(root, 'scripts/checkDescription.mjs'), file], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
    ),
  );
}

test('the description as it is has no finding', async () => {
  expect(await lint(() => {})).toEqual({ code: 0, said: expect.stringContaining('without a warning') });
});

for (const [rule, change] of [
  ['operation-operationId', (d: Description) => delete d.paths['/api/jobs']!.get!.operationId],
  ['no-empty-servers', (d: Description) => delete d.servers],
  [
    'operation-2xx-response',
    (d: Description) => {
      d.paths['/api/jobs']!.get!.responses = { 400: { description: 'no' } };
    },
  ],
] as [string, (description: Description) => void][])
  test(`${rule} is looked for`, inShortIf(rule === 'no-empty-servers'), async () => {
    const { code, said } = await lint((description) => void change(description));
    expect(code).toBe(1);
    expect(said).toContain(rule);
  });
