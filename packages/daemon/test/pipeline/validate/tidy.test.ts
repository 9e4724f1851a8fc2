/** The byte check finds everything that the tidy rule would change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCustomersHeader } from '../../../src/pipeline/customersHeader.js';
import { Fields } from '../../../src/pipeline/parse/fields.js';
import { mayBeTidied, mayBeUntidy, tidied, tidyValue } from '../../../src/pipeline/validate/tidy.js';
import { createValidator } from '../../../src/pipeline/validate.js';

const header = readCustomersHeader(['name', 'email', 'phone', 'company'], ',');
const validator = createValidator(header);

function fieldsOf(texts: readonly string[]): Fields {
  const fields = new Fields();
  const parts = texts.map((text) => Buffer.from(text));
  // As in a file, there are bytes before the first field and after the last.
  fields.bytes = Buffer.concat([Buffer.from('\n\n\n'), ...parts, Buffer.from('\n')]);
  let at = 3;
  for (const part of parts) {
    fields.add(at, at + part.length);
    at += part.length;
  }
  return fields;
}

const piece = fc.constantFrom(
  ...[
    'a',
    'é',
    '日',
    '’',
    '\u00a0',
    ' ',
    '\u200b',
    '\u200f',
    '\u202c',
    '\u2063',
    '\u2069',
    '\ufeff',
    '\u00ad',
    '\\N',
    'NULL',
    'p:',
    '+1 555',
    ' (https://www.notion.so/Acme-1?pvs=4)',
  ],
  ...[';', ':::', ':', "'", '+', '555', '<', '>', '@', 'x@y.co', 'mailto:', 'tel:', '=', '.'],
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

it('finds every record that tidying would change', () => {
  fc.assert(
    fc.property(text, fc.oneof(fc.constant('a@b.co'), text), text, text, (...texts) => {
      const fields = fieldsOf(texts);
      const plain = validator.passesFastCheck(fields);
      const look = plain ? mayBeUntidy(validator.values) : mayBeTidied(validator.values);
      if (!look) expect(tidied(fields, header)).toBeUndefined();
    }),
    { numRuns: 5_000 },
  );
});

describe('other values are unchanged', () => {
  it.each([
    ['name', 'José'],
    ['name', 'A;B'],
    ['company', 'mailto: Ltd ::: Co'],
    ['phone', '+1-555-0100;ext=5'],
    ['phone', '+1 555 0100; ext. 123'],
    ['phone', 'NULLE'],
    ['phone', 'p: none'],
    ['name', 'NULL'],
    ['company', 'Acme (https://acme.example)'],
    ['company', 'Null'],
    ['phone', '12;x'],
    ['email', 'a@b.co; nobody'],
    ['email', 'Ann <nobody>'],
    ['email', "o'neil@b.co"],
  ] as const)('%s %s', (column, value) => {
    const assumed: string[] = [];
    expect(tidyValue(column, value, assumed)).toBe(value);
    expect(assumed).toEqual([]);
  });
});
