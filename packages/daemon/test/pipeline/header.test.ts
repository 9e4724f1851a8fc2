import { describe, expect, it } from 'vitest';
import { readCustomersHeader } from '../../src/pipeline/customersHeader.js';
import { namelessNotices } from '../../src/pipeline/header.js';

const read = (header: string) => readCustomersHeader(header.split(','), ',');

describe('a header', () => {
  it('may have its columns in any order, under other names and without phone', () => {
    expect(read(' Company_Name ,E-Mail,FULL NAME')).toEqual({
      positions: { name: 2, email: 1, phone: -1, company: 0 },
      named: 3,
      cells: 3,
      nameless: [],
      notices: [],
    });
  });

  it('may have other columns, which one notice lists', () => {
    expect(read('name,notes,email,,company,age')).toEqual({
      positions: { name: 0, email: 2, phone: -1, company: 4 },
      named: 6,
      cells: 6,
      nameless: [3],
      notices: ['ignored columns: notes, age'],
    });
  });

  it('may match a column twice; a notice names both matches', () => {
    const { made, notices } = read('Full Name,name,mail,E-Mail,company');
    expect(made?.map(({ column, from }) => [column, from])).toEqual([
      ['name', { kind: 'field', position: 1 }],
      ['email', { kind: 'fields', positions: [3, 2], join: 'first' }],
      ['company', { kind: 'field', position: 4 }],
    ]);
    expect(notices).toEqual([
      { assumed: 'email: from E-Mail | mail', option: "--map 'email=E-Mail | mail'" },
      'ignored columns: Full Name',
    ]);
  });

  it('may end with empty cells, which records may omit', () => {
    expect(read('name,email,company,, ')).toMatchObject({ named: 3, cells: 5, nameless: [], notices: [] });
  });

  it('suggests a column for an unknown name if the file lacks one', () => {
    expect(read('name,email,company,fone').notices).toEqual(['ignored columns: fone (did you mean phone?)']);
    expect(read('name,email,company,Telefone').notices).toEqual([
      { assumed: 'phone: from Telefone', option: '--map phone=Telefone' },
    ]);
    expect(read('fullname,email,company,Telephone Number 2').notices).toEqual([
      { assumed: 'phone: from Telephone Number 2', option: "--map 'phone=Telephone Number 2'" },
    ]);
    expect(() => read('Customer ID,email,company')).toThrow(/found: Customer ID, email/);
    expect(read('name,email,company,phone,fone').notices).toEqual(['ignored columns: fone']);
    expect(read('name,email,company,zone,title,city,fax').notices).toEqual([
      'ignored columns: zone, title, city, fax',
    ]);
  });

  it('names a column without a name by its position', () => {
    expect(namelessNotices([])).toEqual([]);
    expect(namelessNotices([3])).toEqual(['ignored column 4: it has no name']);
    expect(namelessNotices([1, 3])).toEqual(['ignored columns 2, 4: they have no name']);
    const many = namelessNotices(Array.from({ length: 1000 }, (_, position) => position));
    expect(many[0]).toMatch(/^ignored columns 1, 2, .*, 50 and 950 more: they have no name$/);
  });

  it('keeps notices and messages short, whatever the header contains', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${'x'.repeat(200)}${index}`);
    const [notice] = read(`name,email,company,${names.join(',')}`).notices;
    expect(notice).toMatch(/^ignored columns: x{60}…, .* and 950 more$/);
  });

  it.each([
    [
      'a,b',
      ['missing columns: name, email, company; found: a, b.', 'name, email, phone (optional), company'],
    ],
    ['name,email', ['missing columns: company; found: name, email.']],
    [
      'name,e-mial,compnay,fone',
      [
        'missing columns: email, company; found: name, e-mial (did you mean email?), ' +
          'compnay (did you mean company?), fone (did you mean phone?).',
      ],
    ],
    ['name,Email,company,E-mail', ['more than one column for email: Email, E-mail; found: name,']],
    [
      'name;email;company',
      ['found: "name;email;company". The file has only one column: is "," the delimiter?'],
    ],
    ['name,,company', ['found: name, "", company.']],
  ])('is refused with the found and the required columns: %j', (header, wanted) => {
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
