import { customerSchema } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCustomersHeader } from '../../src/pipeline/customersHeader.js';
import { Fields } from '../../src/pipeline/parse/fields.js';
import { createValidator } from '../../src/pipeline/validate.js';

const white = fc.constantFrom(
  '',
  '',
  '',
  ' ',
  '\t',
  '\u00a0',
  '\ufeff',
  '\u3000',
  '\u2003\u2028',
  '\u1680',
  '\v\f',
  '\u205f',
);
const text = fc.oneof(
  fc.constantFrom('', 'Ann', 'Zoë', 'Ô', 'ア', '\u200b', '\u0085', '😀', 'a\u3000b', '\\'),
  fc.string({ unit: 'binary', maxLength: 6 }).filter((value) => !value.includes('\0')),
);
/** Near the limits of the rule: mostly addresses, with one character changed. */
const address = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(..."aZ9._+-'@ é"), maxLength: 8 }),
    fc.constantFrom('@', '@', '@', '@', '', '@@'),
    fc.string({ unit: fc.constantFrom(...'aZ9.-_é'), maxLength: 8 }),
    fc.constantFrom('.co', '.c', '.co.uk', '.xn--p1ai', '', '.c0', `.${'d'.repeat(240)}`),
  )
  .map((parts) => parts.join(''));
const long = fc
  .tuple(fc.integer({ min: 60, max: 68 }), fc.integer({ min: 180, max: 195 }))
  .map(([local, domain]) => `${'l'.repeat(local)}@${'d'.repeat(domain)}.co`);
const padded = (value: fc.Arbitrary<string>) =>
  fc.tuple(white, white, value, white, white).map((parts) => parts.join(''));

const record = fc.tuple(
  padded(text),
  padded(
    fc.oneof({ weight: 3, arbitrary: address }, { weight: 1, arbitrary: long }, fc.constant('a.b@c-d.co')),
  ),
  padded(text),
  padded(text),
);

function fieldsOf(cells: readonly string[]): Fields {
  const fields = new Fields();
  fields.bytes = Buffer.from(cells.join(','));
  let at = 0;
  for (const cell of cells) {
    const length = Buffer.byteLength(cell);
    fields.add(at, at + length);
    at += length + 1;
  }
  return fields;
}

describe('the fast check, the known faults and zod', () => {
  const header = readCustomersHeader(['name', 'email', 'phone', 'company'], ',');
  const validator = createValidator(header);

  it('agree on every record', () => {
    let cheap = 0;
    fc.assert(
      fc.property(record, (cells) => {
        const [name, email, phone, company] = cells;
        const fields = fieldsOf(cells);
        const wanted = customerSchema.safeParse({ name, email, phone, company });
        if (validator.passesFastCheck(fields)) {
          cheap++;
          const { bytes, starts, ends } = validator.values;
          const values = [...starts].map((start, index) => bytes.toString('utf8', start, ends[index]));
          expect(wanted.success).toBe(true);
          expect(values).toEqual([
            wanted.data?.name,
            wanted.data?.email,
            wanted.data?.phone ?? '',
            wanted.data?.company,
          ]);
        }
        const verdict = validator.judge(fields);
        if (wanted.success) expect(verdict).toEqual({ customer: wanted.data });
        else
          expect(verdict).toMatchObject({
            faults: {
              column: wanted.error.issues[0]?.path[0],
              code: wanted.error.issues[0]?.message.endsWith('is required') ? 'required' : 'email_invalid',
              message: wanted.error.issues.map((issue) => issue.message).join('; '),
            },
          });
      }),
      { numRuns: 20_000 },
    );
    // The fast check would also agree if it doubted everything.
    expect(cheap).toBeGreaterThan(500);
  });

  it.each(['a@b.co', 'ann.smith+tag@mail-1.example.com', 'A_B-C@1.x.ORG', `${'l'.repeat(64)}@b.co`])(
    'needs no zod for %j',
    (email) => {
      expect(validator.passesFastCheck(fieldsOf(['Élodie', email, '', 'アクメ 株式会社']))).toBe(true);
    },
  );
});
