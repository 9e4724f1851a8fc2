/** Commands in messages can be pasted: what stands in them beside the ID of a job is quoted for a shell. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src/', import.meta.url));

/** What is put into a command first, after its name. */
const PRINTED =
  /\bcsvjobs (?:upload|check|preview|map|create-table|watch|show|errors|fix|rows|cancel|accept|discard|retry|load|undo|delete|describe) [^`'"$;,]*\$\{((?:[^{}]|\{[^{}]*\})*)\}/g;

/** What needs no quotes: IDs of jobs, and what is quoted. */
const SAFE = /^(?:(?:job\.)?(?:id|jobId)|held|job|shellWord\(.*)$/;

test('names of tables, files and addresses are quoted', () => {
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const inserted = names
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      [...readFileSync(join(src, name), 'utf8').matchAll(PRINTED)].map(([, what = '']) => [name, what]),
    );
  expect(inserted.length).toBeGreaterThan(10);
  expect(inserted.filter(([, what = '']) => !SAFE.test(what))).toEqual([]);
});
