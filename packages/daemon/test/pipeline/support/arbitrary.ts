/** Random CSV, random splits and random damage. */
import fc from 'fast-check';

const cell = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('Ann', ' Bo ', 'a@b.co', 'x.y@z.org', '', ' ', '\u00a0Zoë\u3000', '☎'),
  },
  { weight: 2, arbitrary: fc.constantFrom('"q"', '"a,b"', '"a\nb"', '"a\r\nb"', '"a""b"', '""', '"a\rb"') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(' "p" ', '"t"\t', '\t"u"', 'a"b', '"a"b', '"', '\\N', 'a\tb', 'a\\.'),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '\0', 'é'), maxLength: 6 }),
  },
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\r\n', '\n \t\n');
const customer = fc
  .tuple(
    fc.constantFrom('Ann', ' Bo', '"C, D"', ''),
    fc.constantFrom('a@b.co', 'nobody', '"q@r.st"', ' x@y.zz '),
    fc.constantFrom('', '123', '\\'),
    fc.constantFrom('Acme', '"Say ""hi"""', ' '),
  )
  .map((cells) => cells.join(','));
const anyRecord = fc.oneof(
  { weight: 3, arbitrary: customer },
  { weight: 3, arbitrary: fc.array(cell, { minLength: 1, maxLength: 6 }).map((cells) => cells.join(',')) },
);

/** Lines that look like CSV, many of them malformed; always with a valid header. */
export const csvText = fc
  .tuple(
    fc.constantFrom('name,email,phone,company', 'Company,E-mail,"Full Name"', 'email,name,notes,company,,'),
    lineEnd,
    fc.array(fc.tuple(anyRecord, lineEnd), { maxLength: 12 }),
    fc.boolean(),
  )
  .map(([header, end, records, cut]) => {
    const body = records.map(([record, recordEnd]) => record + recordEnd).join('');
    const text = header + end + body;
    return new Uint8Array(Buffer.from(cut ? text.slice(0, -1) : text));
  });

/** Some bytes overwritten, inserted, or cut off at the end. The header stays. */
export const damaged = fc
  .tuple(
    csvText,
    fc.array(
      fc.record({
        where: fc.double({ min: 0, max: 1, noNaN: true }),
        byte: fc.oneof(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0, 0x20, 0xc3, 0xff), fc.nat(255)),
        kind: fc.constantFrom('set', 'insert', 'truncate'),
      }),
      { maxLength: 5 },
    ),
  )
  .map(([text, damages]) => {
    const from = text.findIndex((byte) => byte === 0x0a || byte === 0x0d) + 2;
    let bytes = [...text];
    for (const { where, byte, kind } of damages) {
      const at = Math.floor(from + where * Math.max(0, bytes.length - from));
      if (kind === 'set') bytes[Math.min(at, bytes.length - 1)] = byte;
      else if (kind === 'insert') bytes.splice(at, 0, byte);
      else bytes = bytes.slice(0, Math.max(from, at));
    }
    return Uint8Array.from(bytes);
  });

/** Splits bytes at random positions. */
export const splits = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

export function splitBy(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}
