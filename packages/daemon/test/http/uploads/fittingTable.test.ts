/** A file that does not fit customers, where no table was named: the refusal names the table that it fits. */
import { parseTablePatterns, paths, readSpec } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTableAccess } from '../../../src/access/tables.js';
import { Failure } from '../../../src/failure.js';
import type { AppDeps } from '../../../src/http/deps.js';
import { withFittingTable } from '../../../src/http/uploads/fittingTable.js';
import { admit } from '../../../src/intake/gate.js';
import { rowPlanOf } from '../../../src/pipeline/header.js';
import { headerRuleFor } from '../../../src/pipeline/headerRule.js';
import { form, GATE, type Harness, problemFrom, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query(`
    create schema shop; create schema closed;
    create table shop.products (sku text primary key, name text not null, price numeric(10,2));
    create table shop.twins (left_one int, right_one int); create table shop.others (left_one int, right_one int);
    create table shop."Order Lines" (line int primary key, "Qty" int not null, note text);
    create table closed.ledger (account text, amount numeric);
    create view shop.totals as select count(*) as n from shop.products`);
});
afterAll(() => harness.stop());

test.each([
  ['the only one', 'sku,name,price\na,Rake,1\n', 'shop.products'],
  ['one whose other columns may be empty', 'line;qty\n1;2\n', 'shop."Order Lines"'],
])('%s is named, and in the options', async (_, csv, table) => {
  const response = await upload(harness, form(csv, 'file.csv'));
  const { code, detail, options } = await problemFrom(response);
  expect([code, options]).toEqual(['header_invalid', ['--into', table]]);
  expect(detail).toMatch(/^missing columns: .*\. The file fits /);
  expect(await harness.jobs()).toBe(0);
  const again = await upload(harness, form(csv, 'file.csv'), {}, `?${new URLSearchParams({ into: table })}`);
  expect(again.status).toBe(202);
  await harness.pool.query('delete from jobs');
});

test('several are named, for the sender to choose one', async () => {
  const response = await upload(harness, form('left_one,right_one\n1,2\n', 'file.csv'));
  const { detail, options } = await problemFrom(response);
  expect(detail).toContain('The file fits shop.others, shop.twins: name the one that you mean with --into.');
  expect(options ?? []).not.toContain('--into');
});

test.each([
  ['a field that no table has', 'sku,name,price,colour\na,Rake,1,red\n', ''],
  ['a field that a table must have is missing', 'sku,price\na,1\n', ''],
  ['the table was named', 'sku,name,price\na,Rake,1\n', '?into=customers'],
])('none is named: %s', async (_, csv, query) => {
  const { code, detail } = await problemFrom(await upload(harness, form(csv, 'file.csv'), {}, query));
  expect(code).toBe('header_invalid');
  expect(detail).not.toContain('The file fits');
});

test('a preview names it too', async () => {
  const body = form('sku,name,price\na,Rake,1\n', 'file.csv');
  const response = await fetch(harness.url + paths.preview, { method: 'POST', body });
  expect(await problemFrom(response)).toMatchObject({ options: ['--into', 'shop.products'] });
});

test.each([
  [null, '*.*', undefined, ['--into', 'closed.ledger']],
  ['shop.*', '*.*', undefined, undefined],
  [null, 'shop.*', undefined, undefined],
  [null, '*.*', { mode: 'skip' as const, key: ['account'] }, undefined],
])('with a token for %s, TARGET_TABLES %s and %j: %j', async (token, allowed, csvjobs, options) => {
  const { pool } = harness;
  const tables = await openTableAccess(pool, { targetTables: allowed, ownServer: false });
  const offer: AppDeps['admit'] = async (file, into) =>
    rowPlanOf(await admit(file, GATE, headerRuleFor(into)));
  const head = Buffer.from('account,amount\nx,1\n');
  const file = { head, tail: head, sizeBytes: head.length, overrides: {} };
  const spec = csvjobs && readSpec({ csvjobs });
  const refused = new Failure(spec ? 'spec_mismatch' : 'header_invalid', 'no');
  const caller = { tables: token === null ? null : parseTablePatterns(token) };
  const error = await withFittingTable({ pool, tables, admit: offer }, caller, { file, spec }, refused);
  expect((error as Failure).options).toEqual(options);
  if (options === undefined) expect(error).toBe(refused);
});
