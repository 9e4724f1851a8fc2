/** `csvjobs preview`, with the real program. */
import { createWriteStream, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT_SCHEMAS, PREVIEW_BYTES } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { refuse } from '../peer/answers.js';
import { REPLACED } from '../peer/previewing.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder, plainText, startOnTerminal } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const run = (...args: string[]) => csvjobs(['preview', ...args], { env: { CSVJOBS_URL: peer.url } });

test('in a pipe: an uncut table, errors below their record, and a summary on stderr', async () => {
  const { code, stdout, stderr } = await run(csvFile(), '--into', 'shop.prices');
  expect(code).toBe(3);
  expect(stdout).toBe(`row             id         sku  price        note
  1  inserted   generated  a3   9.50         new
  2  updated    1          a1   5.00 → 6.00  sale
  3  unchanged  2          a2   8.00
  4  rejected              a4   cheap
  ✗ price: "cheap" is not a number
`);
  expect(stderr).toContain('customers.csv: notice: ignored columns: colour\n');
  expect(stderr).toMatch(
    /the first 4 records into shop\.prices: 1 inserted, 1 updated, 1 unchanged, 1 rejected; rolled back, nothing was loaded\n$/,
  );
});

test('rows that another session has locked are no fault of a service', LONG, async () => {
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    request.resume();
    refuse(response, 'rows_locked', 'another transaction has locked the table');
    return true;
  };
  const { code, stderr } = await run(csvFile(), '--into', 'shop.prices');
  expect(code).toBe(6);
  expect(stderr).toContain('Rows of the table are locked by another session');
  expect(stderr).toContain('next: run the command again when the other transaction has ended');
});

test('sends the file options as an upload does; --json prints one document', async () => {
  const spec = join(folder(), 'spec.json');
  writeFileSync(spec, '{"csvjobs": {"default": {"note": "none"}}}');
  const options = ['--into', 'shop.prices', '--spec', spec, '--on-conflict', 'update', '--key', 'sku'];
  const more = [
    '--encoding',
    'windows-1252',
    '--delimiter',
    ';',
    '--rows',
    '5',
    '--map',
    'sku=SKU',
    '--json',
  ];
  const { code, stdout, stderr } = await run(csvFile(), ...options, ...more);
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  const document = OUTPUT_SCHEMAS.preview!.schema.parse(JSON.parse(stdout));
  expect(document).toMatchObject({ exitCode: 3, counts: { updated: 1 } });
  const [seen] = peer.previews;
  expect(Object.fromEntries(new URLSearchParams(seen!.query))).toEqual({
    ...{ into: 'shop.prices', encoding: 'windows-1252', delimiter: ';', rows: '5' },
  });
  expect(JSON.parse(seen!.spec!)).toEqual({
    csvjobs: { default: { note: 'none' }, firstOf: { sku: ['SKU'] }, mode: 'update', key: ['sku'] },
  });
  expect(peer.uploads).toEqual([]);
});

test('a replacement: the rows to be removed, and what allows it; exit 7 as for its load', async () => {
  const { code, stdout, stderr } = await run(csvFile(), '--into', 'shop.prices', '--replace');
  expect(code).toBe(7);
  expect(stdout.slice(stdout.indexOf('\n\n'))).toBe(`

1,200 of the 2,000 rows of the table would be removed
- id 9, sku a9, price 3.00, note null
- id 10, sku a10␛[31m, price 4.00, note ${'a long note '.repeat(20)}
… and 1,198 more removed
✗ 1200 of the 2000 rows would go: --max-removed 1200
✗ 1 of the 4 records would be rejected: --max-errors 1
`);
  expect(stderr).toMatch(
    /1 rejected; the load would be refused: max_removed_exceeded, gate_not_met; rolled back, nothing was loaded\n$/,
  );
  const json = await run(csvFile(), '--into', 'shop.prices', '--replace', '--json');
  const document = OUTPUT_SCHEMAS.preview!.schema.parse(JSON.parse(json.stdout));
  expect(document).toMatchObject({ exitCode: 7, removed: REPLACED.removed });
  await run(csvFile(), '--into', 'shop.prices', '--replace', '--max-removed', '5%', '--max-errors', '2');
  expect(JSON.parse(peer.previews.at(-1)!.spec!)).toEqual({
    csvjobs: { replace: true, maxRemoved: '5%', maxErrors: 2 },
  });
  expect(await run(csvFile(), '--into', 'shop.prices', '--max-errors', '2')).toMatchObject({ code: 2 });
  expect(await run(csvFile(), '--into', 'shop.prices', '--max-removed', '2')).toMatchObject({ code: 2 });
});

test('reads and sends only the start of a 3 GB file, and of stdin', async () => {
  const file = join(folder(), 'large.csv');
  const stream = createWriteStream(file);
  stream.write('name,email,phone,company\n');
  for (let at = 0; at < 40_000; at++) stream.write(`Name ${at},name${at}@example.com,,Company\n`);
  await new Promise((resolve) => stream.end(resolve));
  const text = Buffer.alloc(PREVIEW_BYTES + 100, 'a,b\n');
  truncateSync(file, 3_000_000_000);
  await run(file, '--rows', '1');
  expect(peer.previews[0]).toMatchObject({ filename: 'large.csv', bytes: PREVIEW_BYTES });
  expect(peer.previews[0]!.query).toContain('cut=true&size=3000000000');
  await csvjobs(['preview', '-', '--name', 'x.csv'], {
    env: { CSVJOBS_URL: peer.url },
    input: text.toString(),
  });
  expect(peer.previews[1]).toMatchObject({ filename: 'x.csv', bytes: PREVIEW_BYTES });
  expect(peer.previews[1]!.query).toMatch(/cut=true$/);
});

test('refusals include the next command; an older daemon is reported', async () => {
  peer.fault = ({ url = '' }, response) => {
    if (!url.startsWith('/api/preview')) return false;
    refuse(response, 'header_invalid', 'there is no column sku');
    return true;
  };
  const refused = await run(csvFile(), '--into', 'shop.prices');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/csvjobs map .* --into shop\.prices/);
  peer.fault = ({ url = '' }, response) => {
    if (!url.startsWith('/api/preview')) return false;
    refuse(response, 'not_found', 'there is nothing at this address');
    return true;
  };
  const old = await run(csvFile());
  expect(old).toMatchObject({ code: 2, stderr: expect.stringContaining('does not support previews') });
  expect(await run(csvFile(), '--rows', '101')).toMatchObject({ code: 2 });
  expect(await run(join(folder(), 'none.csv'))).toMatchObject({ code: 2 });
});

for (const columns of [40, 80, 120])
  test(`on a terminal of ${columns} columns every line fits`, inShortIf(columns === 40), async () => {
    const program = startOnTerminal(['preview', csvFile(), '--into', 'shop.prices'], {
      ...{ env: { CSVJOBS_URL: peer.url }, columns },
    });
    const { code, stdout } = await program.ended;
    expect(code).toBe(3);
    const text = plainText(stdout);
    expect(text).toContain('5.00 → 6.00');
    expect(text).toContain('generated');
    expect(text.replace(/\s+/g, ' ')).toContain('price: "cheap" is not a number');
    expect(text).toMatch(columns === 40 ? /row 1 {2}inserted/ : /row +id +sku/);
  });
