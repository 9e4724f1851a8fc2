import { expect, test } from 'vitest';
import { cleanFilename, reportName } from '../../src/http/filename.js';

test.each([
  [undefined, 'upload.csv'],
  ['', 'upload.csv'],
  ['..', 'upload.csv'],
  ['/', 'upload.csv'],
  ['a/b\\c.csv', 'c.csv'],
  ['\u0000\u0085x\u2028\ud800.csv', 'x.csv'],
  [' spaced name.csv ', 'spaced name.csv'],
])('%j is cleaned to %j', (given, clean) => {
  expect(cleanFilename(given)).toBe(clean);
});

test.each([
  ['customers.csv', 'csv', 'customers-errors.csv'],
  ['data.CSV.gz', 'json', 'data-errors.json'],
  ['.tsv', 'ndjson', 'upload-errors.ndjson'],
] as const)('the report of %j as %s is named %j', (filename, format, name) => {
  expect(reportName(filename, format)).toBe(name);
});

test('a long name is cut between characters and keeps its extension', () => {
  const clean = cleanFilename(`${'顧'.repeat(200)}.csv`);
  expect(clean).toMatch(/^顧+\.csv$/u);
  expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(255);
  expect(Buffer.byteLength(clean)).toBeGreaterThan(251);
  expect(Buffer.byteLength(reportName(clean, 'ndjson'))).toBeLessThanOrEqual(255);
});
