/** The count behind the screen, with the real csvjobsd: of the current mapping only. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { type Count, type Counter, createCounter } from '../../src/mapping/counting.js';
import { VANS, writeVans } from '../mapVans.js';
import { eventually, folder } from '../spawn.js';

let counter: Counter;
afterEach(() => counter.close());

function counting(text?: string): { seen: Count[]; path: string } {
  const cwd = folder();
  const path = join(cwd, writeVans(cwd));
  if (text !== undefined) writeFileSync(path, text);
  counter = createCounter(path, { table: JSON.stringify(VANS) });
  const seen: Count[] = [];
  counter.subscribe(() => seen.push(counter.count()));
  return { seen, path };
}

const spec = (block: object) => Buffer.from(JSON.stringify({ csvjobs: block }));
const WHOLE = {
  combine: { crew: ['Front', 'Rear'] },
  firstOf: { plate: ['Number Plate'], depot: ['Depot Code'] },
};
const isOver = () => !['counting', 'none'].includes(counter.count().state);

/** The processes reading a file. */
function readersOf(path: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      return false;
    }
  });
}

test('counts good and bad rows, with the first reasons', async () => {
  counting();
  counter.start(spec(WHOLE));
  expect(counter.count()).toEqual({ state: 'counting' });
  await eventually(isOver);
  expect(counter.count()).toMatchObject({ state: 'counted', good: 2, bad: 3 });
  expect(counter.count()).toMatchObject({ reasons: [{ rows: 1 }, { rows: 1 }, { rows: 1 }] });
});

test('reports why an upload would be refused', LONG, async () => {
  counting();
  counter.start(spec({ firstOf: { plate: ['nothing'] } }));
  await eventually(isOver);
  expect(counter.count()).toMatchObject({ state: 'refused' });
  expect(JSON.stringify(counter.count())).toContain('the file has no field');
});

test('a changed mapping stops the previous count: only the last is reported', async () => {
  const { seen, path } = counting();
  counter.start(spec({ ...WHOLE, constant: { source: 'first' } }));
  await eventually(() => readersOf(path).length > 0);
  counter.start(spec({ firstOf: { plate: ['nothing'] } }));
  counter.start(spec({ ...WHOLE, default: { depot: 'none' } }));
  await eventually(isOver);
  expect(seen.filter(({ state }) => state !== 'counting')).toEqual([
    expect.objectContaining({ state: 'counted', good: 3, bad: 2 }),
  ]);
  await eventually(() => readersOf(path).length === 0);
});

test('nothing to count: state none, and the running count is stopped', async () => {
  const { path } = counting();
  counter.start(spec(WHOLE));
  await eventually(() => readersOf(path).length > 0);
  counter.start(undefined);
  expect(counter.count()).toEqual({ state: 'none' });
  await eventually(() => readersOf(path).length === 0);
  expect(counter.count()).toEqual({ state: 'none' });
});

test('close stops the running count and waits for it', async () => {
  const { path, seen } = counting();
  counter.start(spec(WHOLE));
  await eventually(() => readersOf(path).length > 0);
  await counter.close();
  expect(readersOf(path)).toEqual([]);
  expect(seen).toEqual([{ state: 'counting' }]);
});

test('counts the first 10,000 records of a long file', async () => {
  const rows = Array.from({ length: 60_000 }, (_, at) => `n${at},a${at}@x.io,${at % 4 === 0 ? '' : 'c'}`);
  counting(`crew,plate,depot\n${rows.join('\n')}\n`);
  counter.start(spec({}));
  await eventually(isOver);
  expect(counter.count()).toMatchObject({ state: 'counted', good: 7_500, bad: 2_500 });
});
