/** The import rules: each kind of import that breaks one is found, however it is written. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file, what is in it, and what is said of it. */
const BROKEN: readonly (readonly [file: string, text: string, said: RegExp])[] = [
  ['shared/src/a.ts', `import { join } from 'node:path'; join('');`, /shared imports only zod/],
  ['shared/src/b.ts', `import pg from 'pg'; pg;`, /shared imports only zod/],
  ['cli/src/a.ts', `import '../../daemon/src/failure.js';`, /cli and daemon meet only in shared/],
  ['cli/src/b.ts', `import { a } from '../../shared/src/ok.js'; a;`, /imported by its name, not by a path/],
  [
    'daemon/src/a.ts',
    `import type { A } from '../../cli/src/ok.js'; export type B = A;`,
    /meet only in shared/,
  ],
  ['daemon/src/http/pg.ts', `import pg from 'pg'; pg;`, /the home of pg is daemon\/src\/sql\//],
  ['daemon/src/http/types.ts', `import type { Pool } from 'pg'; export type P = Pool;`, /the home of pg is/],
  ['daemon/src/sql/koa.ts', `export { default } from 'koa';`, /the home of koa is/],
  ['daemon/src/access/redis.ts', `export const a = () => import('ioredis');`, /the home of ioredis is/],
  ['cli/src/report/ink.ts', `import { Box } from 'ink'; Box;`, /the home of ink is/],
  ['daemon/src/http/run.ts', `import '../pipeline/run.js';`, /http\/ may import http\//],
  ['daemon/src/sql/up.ts', `import '../pipeline/run.js';`, /sql\/ may import sql\//],
  ['daemon/src/pipeline/checkFile.ts', `import '../storage/files.js';`, /pipeline\/checkFile\.ts may import/],
  [
    'daemon/src/rows/clock.ts',
    `import { readFileSync } from 'node:fs'; readFileSync;`,
    /a pure stage reads no file/,
  ],
  ['daemon/src/pipeline/parse/pool.ts', `import '../../sql/pool.js';`, /a pure stage reads no file/],
  ['daemon/src/c1.ts', `import './c2.js'; export const a = 1;`, /circular import/],
  [
    'daemon/src/rows/schemas.ts',
    `import { specSchema } from '@csvjobs/shared'; specSchema;`,
    /the reading thread imports @csvjobs\/shared\/reading/,
  ],
  [
    'shared/src/needed.ts',
    `import { z } from 'zod'; export const a = z;`,
    /@csvjobs\/shared\/rules loads it, and must load no zod/,
  ],
  ['daemon/src/http/env.ts', 'export const a = process.env.HOME;', /reads process\.env/],
  ['daemon/src/http/on.ts', `process.once('SIGHUP', () => {});`, /listens with process\.on/],
];

/** What those import, and what breaks no rule. */
const FINE: Record<string, string> = {
  'shared/src/ok.ts': `import { z } from 'zod'; export const a = z;`,
  'shared/src/rules.ts': `import './needed.js'; import type { a } from './ok.js'; export type B = typeof a;`,
  'cli/src/ok.ts': `export type A = 1;`,
  'cli/src/config/env.ts': 'export const a = process.env.HOME;',
  'daemon/src/failure.ts': 'export const a = 1;',
  'daemon/src/main.ts': `// process.env is read elsewhere\nprocess.on('SIGTERM', () => {});`,
  'daemon/src/pipeline/run.ts': `import '../storage/files.js'; import '../sql/pool.js';`,
  'daemon/src/pipeline/readingThread.ts': `import '../rows/schemas.js'; import type { A } from '../rows/types.js'; export type B = A;`,
  'daemon/src/rows/types.ts': `import { specSchema } from '@csvjobs/shared'; export type A = typeof specSchema;`,
  'daemon/src/storage/files.ts': `import { readFileSync } from 'node:fs'; readFileSync;`,
  'daemon/src/sql/pool.ts': `import pg from 'pg'; pg;`,
  'daemon/src/c2.ts': `import type { a } from './c1.js'; export type B = typeof a;`,
};

test('every import that breaks a rule is named, and no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-imports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  const files = { ...FINE, ...Object.fromEntries(BROKEN.map(([file, text]) => [file, text])) };
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'packages', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  }
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/check-imports.mjs'), folder], (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  const lines = said.split('\n');
  for (const [file, , expected] of BROKEN) {
    const ofFile = lines.filter((line) => line.startsWith(`packages/${file}: `));
    expect(ofFile.join('\n'), `${file}\n${said}`).toMatch(expected);
  }
  for (const file of Object.keys(FINE).filter((name) => !name.includes('/c2')))
    expect(said).not.toContain(`packages/${file}: `);
});
