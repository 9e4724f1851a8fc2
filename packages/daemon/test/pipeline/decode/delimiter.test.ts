import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELIMITERS, delimiterNamed, findDelimiter } from '../../../src/pipeline/decode/delimiter.js';
import { customersHeader } from '../../../src/pipeline/headerRule.js';
import { failureOf } from './chunks.js';

const KNOWN = customersHeader(undefined).known;

describe('findDelimiter', () => {
  it.each([
    ['commas', 'name,email,phone,company\nA,a@b.de,1,C\n', ','],
    ['semicolons', 'name;email;phone;company\nA;a@b.de;1;C\n', ';'],
    ['tabs', 'name\temail\tcompany\nA\ta@b.de\tC\n', '\t'],
    ['pipes', 'name|email|company\nA|a@b.de|C\n', '|'],
    ['aliases', 'Full Name;E-Mail;Organisation\n', ';'],
    ['commas within values', 'name;email;company\nA;a@b.de;"C, Inc., D, E"\nB, C, D;b@b.de;E, F\n', ';'],
    ['more commas than semicolons in the header', 'name;email;company;notes, a, b, c, d\n', ';'],
    ['a quoted header', '"Name, full","e-mail";company\n'.replace(';', ','), ','],
    ['delimiters in quotes', '"a;b;c;d;e",email,name\n', ','],
    ['unknown columns: decided by the records', 'a,b;c\n1,5;2\n2;3\n3;4\n', ';'],
    ['unknown columns: decided by the fields', 'a|b|c,d\n', '|'],
    ['a line end in quotes', '"na\nme"|email|company\n"x\ny"|z|w\n', '|'],
    ['a BOM and blank lines first', '\ufeff\r\n\nname;email;company\n', ';'],
    ['tabs on the first line', '\t\t\t\nname;email;company\nA;a@b.de;C\n', ';'],
    ['lines of spaces and tabs, a BOM', '\ufeff \t\n\r\n  \nname;email;company\nA;a@b.de;C\n', ';'],
    ['tabs on the first line, unknown columns', '\t\t\t\t\na;b\n1;2\n', ';'],
    ['a line of delimiters and quotes first', ',,,,,,\n"","",",,"\r\n|||\rname;email;company\nA;B;C\n', ';'],
    ['an empty first cell', ' \n;name;email\n', ';'],
    ['a quoted first cell', ',\n"a,b,c,d";name;email\n', ';'],
    ['blank lines among records', 'a\tb;c\n\t\n \t \n\t\n1;2\n', ';'],
    ['CR line ends', 'name;email;company\rA;B;C\r', ';'],
    ['one column', 'email\na@b.de\n', ','],
    ['one column with commas in values', 'email\na@b.de,c\n', ','],
    ['a header without a line end', 'name|email|company', '|'],
    ['an unclosed quote', 'name;email;"company\nA;B;C\n', ';'],
    ['a quote in quotes', '"na""me;x",email,company\n', ','],
    ['a mark between pipes', 'name|+|email|+|company\nA|+|a@b.de|+|C\n', '|+|'],
    ['a mark between pipes, without a header, with empty values', '1|+|A|+||+|x\n2|+|B, C|+|y|+|\n', '|+|'],
    ['a mark, with the delimiter in a value', 'name|+|email|+|company\nA|B|+|a@b.de|+|C|\n', '|+|'],
    ['a mark, with the mark as a value', 'name|+|email|+|company\n+|+|+|+|+|x\n', '|+|'],
    ['a mark, with the delimiter and a quote in a value', 'a|+|b|+|c\n1|+|the "x|y"|+|3\n', '|+|'],
    ['a mark, below a title and above a note', 'List\nname|+|email\nA|+|a@b.de\n(1 row affected)\n', '|+|'],
    ['a mark in a header alone', 'name|+|email|+|company\n', '|+|'],
    ['a mark in a header and one record without a line end', 'a|+|b|+|c\n1|+|2|+|3', '|+|'],
    ['a column of marks in quotes', '"a"|"+"|"b"\n"1"|"+"|"2"\n', '|'],
    ['a column named like most of its values', 'a|+|b\n1|+|2\n3|-|4\n', '|'],
    ['marks in quotes', 'a,b\n"~,~",1\n2,3\n', ','],
    ['a mark in one record only', 'name|email|company\nA|+|C\n', '|'],
    ['a mark in one record of one', 'a|+|b\n', '|'],
    ['a column of dashes', '1|-|2\n3|-|4\n', '|'],
    ['a column of marks beside another', 'a|+|b|c\nd|+|e|f\n', '|'],
    ['nothing', '', ','],
    ['blank lines only', '\r\n\n', ','],
  ])('%s', (_, sample, delimiter) => {
    expect(findDelimiter(sample, KNOWN)).toBe(delimiter);
    expect(findDelimiter(Buffer.from(sample, 'utf8'), KNOWN)).toBe(delimiter);
  });

  it('has no mark if the user has named the fields with it', () => {
    const columns = ['id', 'sign', 'value'];
    expect(findDelimiter('1|+|2\n3|+|4\n', undefined, { columns })).toBe('|');
    expect(findDelimiter('1|+|2\n3|+|4\n', undefined, { columns: ['id', 'value'] })).toBe('|+|');
  });

  it.each([{ quote: ',' }, { escape: ',' }, { comment: ',' }])(
    'is never a character with another configured meaning: %j',
    (dialect) => {
      expect(findDelimiter('name,email\nA,a@x.io\n', undefined, dialect)).toBe(';');
      expect(findDelimiter('sep=,\nname,email\n', undefined, dialect)).not.toBe(',');
    },
  );

  it('ignores the record that the sample cuts off', () => {
    expect(findDelimiter('a;b,c\n1;2\n3;4\n5;6,', KNOWN)).toBe(';');
  });

  it('looks only at lines that may name more columns than the best one so far', () => {
    const looked: (readonly string[])[] = [];
    const known = (cells: readonly string[]) => {
      looked.push(cells);
      return KNOWN!(cells);
    };
    const rows = Array.from({ length: 40 }, (_, at) => `C ${at},a${at}@b.de,N; ${at}`);
    expect(findDelimiter(`company,email,name\n${rows.join('\n')}\n`, known)).toBe(',');
    expect(looked).toEqual([['company', 'email', 'name']]);
    expect(findDelimiter(`a report;of;today\ncompany;email;name\n`, known)).toBe(';');
  });

  it('finds the delimiter of any table with known columns', () => {
    const cell = fc.string({ unit: 'grapheme' }).map((value) => `"${value.replaceAll('"', '""')}"`);
    const row = fc.tuple(cell, cell, cell);
    fc.assert(
      fc.property(fc.constantFrom(...DELIMITERS), fc.array(row), (delimiter, rows) => {
        const text = [['email', 'company', 'name'], ...rows]
          .map((fields) => fields.join(delimiter))
          .join('\r\n');
        expect(findDelimiter(text, KNOWN)).toBe(delimiter);
      }),
    );
  });
});

describe('delimiterNamed', () => {
  it.each([
    [',', ','],
    ['\t', '\t'],
    ['\\t', '\t'],
    ['TAB', '\t'],
    ['semicolon', ';'],
    [':', ':'],
    ['~', '~'],
    ['\x1f', '\x1f'],
    ['a', 'a'],
    ['é', 'é'],
    [',,', ',,'],
    [':x:', ':x:'],
    ['space', ' '],
  ])('%j', (name, delimiter) => {
    expect(delimiterNamed(name)).toBe(delimiter);
  });

  it.each(['', '"', '\n', ',\r', '\0', '","', 'tabs', '10', 'constructor'])('refuses %j', async (name) => {
    const failure = await failureOf(() => delimiterNamed(name));
    expect(failure.code).toBe('delimiter_unknown');
    expect(failure.message).toContain(JSON.stringify(name));
  });
});
