/**
 * Headers disproved by the records of their file: refused with the options that load it, and only if certain.
 */
import { describe, expect, it } from 'vitest';
import { asFailure } from '../../src/failure.js';
import type { HeaderParts } from '../../src/pipeline/header.js';
import { customersHeader, type HeaderRule, targetHeader } from '../../src/pipeline/headerRule.js';
import { noticeTexts } from '../../src/pipeline/notice.js';
import { Survey } from '../../src/pipeline/survey.js';
import { columnOf, targetOf } from '../rows/targets.js';

function refusal(text: string, rule: HeaderRule<HeaderParts> = customersHeader(undefined), whole = true) {
  const survey = new Survey({ delimiter: ',', maxRecordBytes: 1_000, rule });
  survey.push(Buffer.from(text));
  try {
    survey.end(whole);
    return undefined;
  } catch (error) {
    const { message, options } = asFailure(error);
    return { message, options };
  }
}

function notices(text: string, rule: HeaderRule<HeaderParts> = customersHeader(undefined)): string[] {
  const survey = new Survey({ delimiter: ',', maxRecordBytes: 1_000, rule });
  survey.push(Buffer.from(text));
  return noticeTexts(survey.end().notices);
}

const PARTS = 'First Name,Last Name,Email,Company\n';
const R = '"name","email","company"\n"1","Ann","a@x.io","A"\n';

it('a list of companies, whose first and last names are empty', () => {
  expect(refusal(`${PARTS},,a@x.io,A\n, ,b@x.io,B\n`)).toEqual({
    message: expect.stringMatching(/^No record has a name: First Name \+ Last Name is empty in all of them/),
    options: ['--map', 'name=Company'],
  });
});

describe('a file of persons and companies', () => {
  const LOADS = ['--map', 'name=First Name + Last Name | Company'];

  it('is refused, with the options that load all, if no record has both', () => {
    expect(refusal(`${PARTS},,a@x.io,A\nBo,,b@x.io,\n`)).toEqual({
      message: expect.stringMatching(/^No record has both a name and a company/),
      options: [...LOADS, '--default', 'company=Unknown'],
    });
  });

  it('is not refused for a table without a required company', () => {
    const target = targetOf(columnOf('name', 'text', { notNull: true }), columnOf('company', 'text'));
    const file = `${PARTS},,a@x.io,A\nBo,,b@x.io,\n`;
    expect(refusal(file, targetHeader({ target, spec: undefined }))).toBeUndefined();
    expect(notices(file, targetHeader({ target, spec: undefined }))).toContain(
      `1 record with a company and no name; to load such records under the company's name, add --map '${LOADS[1]}'`,
    );
  });

  it.each([
    ['Bo,Roe,b@x.io,B\n,,a@x.io,A\n', '1 record', ''],
    ['Bo,Roe,b@x.io,B\n,,a@x.io,A\n, ,c@x.io,C\n', '2 records', ''],
    ['Bo,Roe,b@x.io,B\nCy,,c@x.io,\n,,a@x.io,A\n', '1 record', ' --default company=Unknown'],
    // The last line looks like such a record but is a footer.
    ['Bo,Roe,b@x.io,B\n,,a@x.io,A\n,,,Total: 2\n', '1 record', ''],
  ])('is loaded with a notice if some records have both: %j', (records, count, more) => {
    expect(refusal(PARTS + records)).toBeUndefined();
    expect(notices(PARTS + records)).toContain(
      `${count} with a company and no name; to load such records under the company's name, add --map '${LOADS[1]}'${more}`,
    );
  });

  it.each([
    ['no firm', 'Bo,Roe,b@x.io,B\nCy,,c@x.io,\n'],
    ['neither', 'Bo,Roe,b@x.io,B\n,,c@x.io,\n'],
  ])('%s: no notice', (_, records) => {
    expect(notices(PARTS + records).join()).not.toContain('and no name');
  });
});

it('a file of companies for any table with required names: refused with the options', () => {
  const needed = { notNull: true };
  const target = targetOf(columnOf('name', 'text', needed), columnOf('company', 'text'));
  const file = 'First Name,Last Name,Firma\n,,A\n';
  expect(refusal(file, targetHeader({ target, spec: undefined }))?.options).toEqual([
    ...['--map', 'name=Firma', '--map', 'company=Firma'],
  ]);
  const optional = targetOf(columnOf('name', 'text'), columnOf('company', 'text'));
  expect(refusal(file, targetHeader({ target: optional, spec: undefined }))).toBeUndefined();
});

it.each([
  ['one record with a name', `${PARTS},,a@x.io,A\n,Roe,b@x.io,B\n`],
  ['a field with the name of names', 'name,email,company\n,a@x.io,A\n'],
  ['no records', PARTS],
  ['one record with a delimiter in its value', 'name,email,company\n1,Ann,a@x.io,A\n'],
  ['numbers out of order', `${R}"3","Bo","b@x.io","B"\n`],
  ['one record with a different width', `${R}Bo,b@x.io,B\n`],
])('%s: not refused', (_, text) => expect(refusal(text)).toBeUndefined());

it('a file with more records after the sample: not refused', () => {
  expect(refusal(`${PARTS},,a@x.io,A\n`, undefined, false)).toBeUndefined();
});

it('a spec that maps the name: not refused', () => {
  const combine = { name: ['First Name', 'Last Name'] };
  expect(refusal(`${PARTS},,a@x.io,A\n`, customersHeader({ csvjobs: { combine } }))).toBeUndefined();
});

it('a header without a name for the row numbers', () => {
  expect(refusal(`${R}"2","Bo","b@x.io","B"\n`)).toEqual({
    message: expect.stringMatching(
      /^Every record has one field more than the header, and begins with its number/,
    ),
    options: ['--skip-lines', '1', '--no-header', '--columns', 'row,name,email,company'],
  });
});
