/**
 * The gate decides about uploads and checks alike, in the same words, and only from the start of the file.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PROBLEMS, type ProblemCode, readSpec, type Spec, type SpecInput } from '@csvjobs/shared';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { admit } from '../../src/intake/gate.js';
import { HEAD_BYTES, localFile } from '../../src/intake/offeredFile.js';
import { overridesFor } from '../../src/intake/overrides.js';
import { checkFile } from '../../src/pipeline/checkFile.js';
import { customersHeader } from '../../src/pipeline/headerRule.js';
import { form, GATE, type Harness, problemFrom, startHarness, upload } from '../http/harness.js';
import { commented, failureOf } from '../pipeline/decode/chunks.js';
import { inShortIf } from '../support/form.js';

let folder: string;
let harness: Harness;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-gate-'));
  harness = await startHarness();
});
afterAll(async () => {
  await harness.stop();
  await rm(folder, { recursive: true, force: true });
});

async function stored(bytes: Uint8Array): Promise<string> {
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  return path;
}

/** The gate's refusals for an upload and for a check; undefined if the file passes. */
async function refusals(
  bytes: Uint8Array,
  { strict, ...asked }: { encoding?: string; delimiter?: string; strict?: boolean } = {},
) {
  const spec = strict === undefined ? undefined : { csvjobs: { strict } };
  const body = form(bytes);
  if (spec) body.append('spec', JSON.stringify(spec));
  const response = await upload(harness, body, {}, `?${new URLSearchParams(asked)}`);
  const path = await stored(bytes);
  const limits = { ...GATE, batchRows: 1, batchBytes: 1 };
  const checking = checkFile({
    path,
    overrides: overridesFor(asked, spec),
    limits,
    maxUploadBytes: GATE.maxUploadBytes,
  });
  const event = (await checking.next()).value!;
  await checking.return(undefined);
  const problem = response.status === 202 ? undefined : await problemFrom(response);
  return {
    upload: problem && { code: problem.code, message: problem.detail },
    check: event.type === 'refused' ? { code: event.code, message: event.message } : undefined,
  };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const HEADER = 'name,email,company\n';
const rows = (count: number, name = 'Ann') =>
  Array.from({ length: count }, (_, n) => `${name},n${n}@x.example,Acme\n`).join('');
/** More than the gate reads. */
const LONG = rows(8_000);
const WRONG = 'First Name,Last Name,Email\n';
const cp1251 = Buffer.from([0xc8, 0xe2, 0xe0, 0xed]);

describe('refused alike', () => {
  /** Each encoding and each kind of file has another one in the short form. */
  const IN_LONG = [
    'a wrong header, and a long file in UTF-8',
    'a wrong header in UTF-8',
    'a wrong header in Latin-1',
    'a wrong header, and a long file in GB 18030',
    'a guessed encoding of a long file, with --strict',
  ];
  const CASES: [what: string, bytes: Uint8Array, code: ProblemCode, message: RegExp, asked?: object][] = [
    ['no bytes', latin1(''), 'file_empty', /^the file has no bytes/],
    ['not text', latin1('\n\n'), 'file_empty', /^The file has no text/],
    [
      'more bytes than allowed',
      Buffer.alloc(1_000_001, 'x'),
      'file_too_large',
      /1000000 bytes; .* raise MAX_UPLOAD_BYTES/,
    ],
    ['a ZIP', latin1('PK\x03\x04 and more'), 'file_not_text', /ZIP/],
    ['invalid zstd', Buffer.from('28b52ffd11', 'hex'), 'file_invalid', /zstd/],
    ['truncated gzip', gzipSync(HEADER).subarray(0, 20), 'gzip_damaged', /ends in the middle/],
    [
      'gzip that declares too large a size',
      gzipSync(HEADER + rows(40_000)),
      'decompressed_too_large',
      /MAX_DECODED_BYTES/,
    ],
    ['an unknown encoding', latin1(HEADER), 'encoding_unknown', /ebcdic/, { encoding: 'ebcdic' }],
    [
      'no column for e-mail',
      latin1('name,company\n'),
      'header_invalid',
      /missing columns: email; found: name, company/,
    ],
    ['only lines of empty values', latin1(',,,\n"",""\n \n'), 'file_empty', /^The file has no text/],
    [
      'a wrong header after lines of empty values',
      latin1(`\n,,\n"",""\n${WRONG}`),
      'header_invalid',
      /found: First/,
    ],
    // "Zoë" used to switch the header check off; the job then failed.
    [
      'a wrong header, and ASCII',
      latin1(`${WRONG}Zoe,X,z@x.example\n`),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header, and UTF-8',
      Buffer.from(`${WRONG}Zoë,X,z@x.example\n`),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header, and Latin-1',
      latin1(`${WRONG}Zo\xeb,X,z@x.example\n`),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header, and a long file in UTF-8',
      Buffer.from(WRONG + rows(8_000, 'Zoë')),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header, and a long file in Latin-1',
      latin1(WRONG + rows(8_000, 'Zo\xeb')),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header, and a character cut off at the end of the sample',
      Buffer.from(`${WRONG}${'a'.repeat(65_535 - WRONG.length)}ë\n${LONG}`),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'all of that, compressed',
      gzipSync(WRONG + rows(8_000, 'Zoë')),
      'header_invalid',
      /missing columns: company/,
    ],
    [
      'a wrong header in UTF-8',
      Buffer.from(`Prénom,Société\n${LONG}`),
      'header_invalid',
      /found: Prénom, Société/,
    ],
    [
      'a wrong header in Latin-1',
      latin1(`Pr\xe9nom,Soci\xe9t\xe9\n${LONG}`),
      'header_invalid',
      /found: Prénom, Société/,
    ],
    [
      'a wrong header, and a long file in GB 18030',
      iconv.encode(WRONG + rows(8_000, '王伟'), 'gb18030'),
      'header_invalid',
      /missing columns: company; found: First Name/,
    ],
    [
      'a wrong header in Cyrillic',
      iconv.encode(`Имя,Компания\n${rows(8_000, 'Иван')}`, 'windows-1251'),
      'header_invalid',
      /found: Имя, Компания/,
    ],
    [
      'a guessed encoding, with --strict',
      latin1(`${HEADER}Jos\xe9,j@x.example,Acme\n`),
      'strict',
      /needs 1: encoding assumed: windows-1252: "José"; .*Is that right\? Add --encoding windows-1252\. Or omit --strict\.$/,
      { strict: true },
    ],
    [
      'a guessed encoding of a long file, with --strict',
      latin1(HEADER + rows(8_000, 'Jos\xe9')),
      'strict',
      /--encoding windows-1252/,
      { strict: true },
    ],
    [
      'ignored columns of a long file, with --strict',
      latin1(`name,email,company,age,shoe size\n${LONG}`),
      'strict',
      /needs 1: ignored columns: age, shoe size\. What has no option can be defined in the spec/,
      { strict: true },
    ],
    [
      'everything that a short file reveals, with --strict',
      latin1('name,email,company\nAnn,a@x.example,Acme,\nBo,b@x.example,Acme,\n'),
      'strict',
      /every record ends with an empty field more than the header has/,
      { strict: true },
    ],
    [
      'a byte that windows-1252 does not define',
      latin1(`${HEADER}B\x81b,j@x.example,Acme\n`),
      'encoding_undetermined',
      /line 2 has the byte 81/,
    ],
  ];
  for (const [what, bytes, code, message, asked = {}] of CASES)
    test(what, inShortIf(!IN_LONG.includes(what)), async () => {
      const told = await refusals(bytes, asked);
      expect(told.upload).toEqual({ code, message: expect.stringMatching(message) });
      expect(told.check).toEqual(told.upload);
      expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
    });
});

describe('accepted alike', () => {
  test.each<[string, Uint8Array, object?]>([
    ['an ordinary file', latin1(HEADER + LONG)],
    ['a good header, and UTF-8', Buffer.from(HEADER + rows(8_000, 'Zoë'))],
    ['a good header, and Latin-1', latin1(HEADER + rows(8_000, 'Zo\xeb'))],
    ['a header that is valid in UTF-8', Buffer.from(`name,email,company,Straße\n${LONG}`)],
    ['a header that is valid in windows-1252', latin1(`name,email,company,Stra\xdfe\n${LONG}`)],
    ['a short file in windows-1252', latin1(`${HEADER}Jos\xe9,j@x.example,Acme\n`)],
    [
      'damaged UTF-8, with --strict: nothing is assumed',
      latin1(`${HEADER}Zo\xc3\xab,z@x.example,A\n\xe9\n`),
      { strict: true },
    ],
    [
      'a named encoding, with --strict',
      latin1(`${HEADER}Jos\xe9,j@x.example,A\n`),
      { strict: true, encoding: 'latin1' },
    ],
    ['cp1251', Buffer.concat([latin1(HEADER), cp1251, latin1(',i@x.example,Acme\n')])],
    ['cp1251 in gzip', gzipSync(Buffer.concat([latin1(HEADER), cp1251, latin1(',i@x.example,Acme\n')]))],
    ['requested cp1251', Buffer.concat([latin1(HEADER), cp1251]), { encoding: 'cp1251' }],
    // Whether it is damaged UTF-8 is decided by the survey.
    [
      'a long file with a byte that windows-1252 does not define',
      latin1(`${HEADER}J\x81rgen,j@x.example,A\n${LONG}`),
    ],
    ['a header after lines of empty values', latin1(`,,\n"",""\n" ",\t,\n${HEADER}${LONG}`)],
    ['blank lines beyond the sample', latin1(`${'\r\n'.repeat(70_000)}name;email;company\n`)],
    ['delimiters beyond the sample', latin1(`${';;\n'.repeat(70_000)}name;email;company\n`)],
    ['gzip with a long comment', commented(200_000, HEADER + rows(2))],
    [
      'gzip of very many empty members',
      Buffer.concat([...Array(10_000).fill(gzipSync('')), gzipSync(HEADER)]),
    ],
    ['a header longer than the sample', latin1(`name,email,company,${'x'.repeat(70_000)}\n${LONG}`)],
  ])('%s', async (_, bytes, asked = {}) => {
    expect(await refusals(bytes, asked)).toEqual({ upload: undefined, check: undefined });
  });
});

test('a header longer than the sample is not judged by its beginning', async () => {
  const bytes = Buffer.from(`a,${'é'.repeat(100_000)}\n`);
  expect(bytes.length).toBeGreaterThan(HEAD_BYTES);
  await admit(await localFile(await stored(bytes), {}), GATE, customersHeader(undefined));
});

test('strict in a spec is kept with the file’s reading options', () => {
  expect(overridesFor({}, { csvjobs: { strict: true } })).toEqual({ strict: true });
  expect(overridesFor({}, { csvjobs: { strict: false } })).toEqual({});
});

test.each<[string, string, SpecInput]>([
  ['a default', 'name,email\nA,a@x.example\n', { csvjobs: { default: { company: 'X' } } }],
  ['a constant', `${HEADER}A,a@x.example,C\n`, { csvjobs: { constant: { company: 'X' } } }],
  ['a footer', `${HEADER}A,a@x.example,C\nTotal,,\n`, { csvjobs: { footer: 1 } }],
  ['header rows', `x\n${HEADER}A,a@x.example,C\n`, { dialect: { headerRows: [2] } }],
])('--strict accepts what is set explicitly: %s', async (_, text, said) => {
  const strict = (input: SpecInput) => readSpec({ ...input, csvjobs: { ...input.csvjobs, strict: true } });
  const check = async (spec: Spec) => {
    const path = await stored(Buffer.from(text));
    const limits = { ...GATE, batchRows: 1, batchBytes: 1 };
    const overrides = overridesFor({}, spec);
    const events = checkFile({
      path,
      overrides,
      into: { spec },
      limits,
      maxUploadBytes: GATE.maxUploadBytes,
    });
    let last: unknown;
    for await (const event of events) last = event;
    return last;
  };
  expect(await check(strict(said))).toMatchObject({ type: 'checked', totalRows: 1, failedCount: 0 });
});

test('a delimiter is one character, or a word for one', async () => {
  expect(overridesFor({ delimiter: 'tab', encoding: '' })).toEqual({ delimiter: '\t' });
  expect((await failureOf(() => overridesFor({ delimiter: 'xy' }))).code).toBe('bad_request');
});
