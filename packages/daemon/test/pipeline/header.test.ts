import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/pipeline/header.js';

const read = (header: string) => readHeader(header.split(','), ',');

describe('a header', () => {
  it('may have its columns in any order, by other names and without phone', () => {
    expect(read(' Company_Name ,E-Mail,FULL NAME')).toEqual({
      positions: { name: 2, email: 1, phone: -1, company: 0 },
      minFields: 3,
      maxFields: 3,
      notices: [],
    });
  });

  it('may have other columns, which a notice names once', () => {
    expect(read('name,notes,email,,company,age')).toEqual({
      positions: { name: 0, email: 2, phone: -1, company: 4 },
      minFields: 6,
      maxFields: 6,
      notices: ['ignored columns: notes, (no name), age'],
    });
  });

  it('may end with empty cells, which records need not have', () => {
    expect(read('name,email,company,, ')).toMatchObject({ minFields: 3, maxFields: 5, notices: [] });
  });

  it('keeps notices and messages short, whatever a header holds', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${'x'.repeat(200)}${index}`);
    const [notice] = read(`name,email,company,${names.join(',')}`).notices;
    expect(notice).toMatch(/^ignored columns: x{60}…, .* and 950 more$/);
  });

  it.each([
    [
      'a,b',
      ['no column name', 'no column email', 'no column company', 'Found: "a", "b"', 'phone (optional)'],
    ],
    ['name,email', ['there is no column company.', 'Found: "name", "email"']],
    ['name,email,company,Full Name', ['more than one column stands for name.']],
    ['name,mail,E-mail,tel,mobile', ['no column company; more than one', 'for email', 'for phone']],
    ['name;email;company', ['Only one column was found: is "," the delimiter?']],
  ])('is refused with what was found and wanted: %j', (header, wanted) => {
    let thrown: unknown;
    try {
      read(header);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'Failure', code: 'header_invalid', retryable: false });
    for (const part of wanted) expect(String(thrown)).toContain(part);
  });
});
