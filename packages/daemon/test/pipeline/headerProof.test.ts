/** Headers that the records of their file disprove: refused with the options that load it, and no sooner. */
import { expect, it } from 'vitest';
import { asFailure } from '../../src/failure.js';
import type { HeaderParts } from '../../src/pipeline/header.js';
import { customersHeader, type HeaderRule, targetHeader } from '../../src/pipeline/headerRule.js';
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

const PARTS = 'First Name,Last Name,Email,Company\n';
const R = '"name","email","company"\n"1","Ann","a@x.io","A"\n';

it('a list of companies, whose first and last names are empty', () => {
  expect(refusal(`${PARTS},,a@x.io,A\n, ,b@x.io,B\n`)).toEqual({
    message: expect.stringMatching(/^No record has a name: First Name \+ Last Name is empty in all of them/),
    options: ['--map', 'name=Company'],
  });
});

it('in any table that needs names', () => {
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
  ['one record with a delimiter in a value', 'name,email,company\n1,Ann,a@x.io,A\n'],
  ['numbers that are not in order', `${R}"3","Bo","b@x.io","B"\n`],
  ['one record of its own width', `${R}Bo,b@x.io,B\n`],
])('%s: not refused', (_, text) => expect(refusal(text)).toBeUndefined());

it('not where more records follow those that were seen', () => {
  expect(refusal(`${PARTS},,a@x.io,A\n`, undefined, false)).toBeUndefined();
});

it('not where the spec says what a name is', () => {
  const combine = { name: ['First Name', 'Last Name'] };
  expect(refusal(`${PARTS},,a@x.io,A\n`, customersHeader({ csvjobs: { combine } }))).toBeUndefined();
});

it('a header that has no name for the numbers of rows', () => {
  expect(refusal(`${R}"2","Bo","b@x.io","B"\n`)).toEqual({
    message: expect.stringMatching(
      /^Every record has one field more than the header, and begins with its number/,
    ),
    options: ['--skip-lines', '1', '--no-header', '--columns', 'row,name,email,company'],
  });
});
