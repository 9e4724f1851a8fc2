/** The configuration as the real program reports it: values in effect, and errors, before anything starts. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';
import { DAEMON } from '../../packages/daemon/test/support/programs.js';

function csvjobsd(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
    execFile(process.execPath, [DAEMON, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test('shows the values in effect, for every documented variable, without secrets', async () => {
  const { code, stdout } = await csvjobsd(
    {
      API_TOKEN: 'planted-secret-of-the-api',
      DB_PASSWORD: 'planted-secret-of-the-database',
      DATABASE_URL: 'postgres://me:planted-secret-in-a-url@db.example/csv',
      REDIS_URL: 'redis://:planted-secret-in-a-url@planted-secret-too@redis.example',
      RATE_LIMIT: '7',
    },
    '--check-config',
  );
  expect(code).toBe(0);
  expect(stdout).not.toContain('planted-secret');
  expect(stdout).toMatch(/^RATE_LIMIT +7$/m);
  expect(stdout).toMatch(/^DATABASE_URL +postgres:\/\/\(hidden\)@db\.example\/csv$/m);
  const documents = await readFile(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const documented = [...documents.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
  expect(documented.length).toBeGreaterThan(40);
  for (const name of documented) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
});

for (const [argument] of [['--check-config'], ['--role=all'], ['migrate']] as const)
  test(
    `${argument} reports all invalid variables at once, with what was expected; exit 2, nothing starts`,
    inShortIf(argument === '--role=all'),
    async () => {
      const wrong = { API_PORT: '99999', RATE_LIMIT: '-1', RETAIN_FILES: 'a week', REDIS_URL: 'http://x' };
      const { code, stdout, stderr } = await csvjobsd(wrong, argument);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/API_PORT: .*65535.*Port to listen on/);
      expect(stderr).toMatch(/RATE_LIMIT: .*>=0.*Maximum number of requests per minute/);
      expect(stderr).toMatch(/RETAIN_FILES: must be a number with s, m, h or d/);
      expect(stderr).toMatch(/REDIS_URL: .*Redis as a URL/);
    },
  );

for (const [name, url] of [
  ['REDIS_URL', 'redis://:planted-secret%zz@redis.example'],
  ['REDIS_URL', 'unix://:planted-secret%zz@localhost/run/redis.sock'],
  ['DATABASE_URL', 'postgres://me:planted-secret%zz@db.example/csv'],
] as const)
  test(
    `an invalid percent sign in ${name} is reported in one sentence, without the password: ${url}`,
    inShortIf(name === 'DATABASE_URL'),
    async () => {
      const { code, stdout, stderr } = await csvjobsd({ [name]: url }, '--role=all');
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(
        new RegExp(`^csvjobsd: the configuration is invalid\\n  ${name}: has a percent sign .*\\n$`),
      );
      expect(stderr).not.toContain('planted-secret');
    },
  );

test('an unknown name is reported with the likely one', async () => {
  const { code, stdout } = await csvjobsd({ RATE_LIMITS: '7', MAX_UPLOAD: '3' }, '--check-config');
  expect(code).toBe(0);
  expect(stdout).toContain('RATE_LIMITS is not a known variable; did you mean RATE_LIMIT?');
  expect(stdout).toMatch(/^RATE_LIMIT +12000 \(default\)$/m);
  expect(stdout).toContain('the configuration is valid');
});
