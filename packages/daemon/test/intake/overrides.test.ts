import { readSpec, type SpecInput } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { overridesFor } from '../../src/intake/overrides.js';

const from = (spec: SpecInput, asked = {}) => overridesFor(asked, readSpec(spec));

describe('the user’s settings for a file', () => {
  it('an option overrides the spec', () => {
    const spec = { encoding: 'cp1252', dialect: { delimiter: ';' } };
    expect(from(spec)).toEqual({ encoding: 'cp1252', delimiter: ';' });
    expect(from(spec, { encoding: 'utf-8', delimiter: 'tab' })).toEqual({
      encoding: 'utf-8',
      delimiter: '\t',
    });
    expect(overridesFor({ encoding: '', delimiter: '' })).toEqual({});
  });

  it('every property of a dialect counts', () => {
    const dialect = {
      delimiter: '::',
      quoteChar: "'",
      escapeChar: '\\',
      doubleQuote: false,
      skipInitialSpace: true,
      header: true,
      headerRows: [2, 1, 2],
      headerJoin: '-',
      commentChar: '#',
      commentRows: [3],
    };
    expect(from({ dialect, csvjobs: { footer: 0, quotes: 'lenient', skipLines: 2 } })).toEqual({
      delimiter: '::',
      dialect: {
        quote: "'",
        escape: '\\',
        doubleQuote: false,
        skipInitialSpace: true,
        headerRows: [1, 2],
        headerJoin: '-',
        comment: '#',
        commentRows: [3],
        footer: 0,
        quotes: 'lenient',
        skipLines: 2,
      },
    });
  });

  it('defaults of RFC 4180 are omitted', () => {
    const dialect = {
      quoteChar: '"',
      doubleQuote: true,
      skipInitialSpace: false,
      header: true,
      commentRows: [],
    };
    expect(from({ dialect, csvjobs: { quotes: 'strict', skipLines: 0 } })).toEqual({});
    expect(from({ csvjobs: { quotes: 'none' } })).toEqual({ dialect: { quote: null } });
  });

  it('a file without a header has the names of csvjobs.columns, otherwise those of the fields', () => {
    const fields = [{ name: 'a' }, { name: 'b' }];
    expect(from({ dialect: { header: false }, schema: { fields } })).toEqual({
      dialect: { columns: ['a', 'b'] },
    });
    expect(from({ dialect: { header: false }, schema: { fields }, csvjobs: { columns: ['c'] } })).toEqual({
      dialect: { columns: ['c'] },
    });
  });

  it.each<[string, SpecInput]>([
    ['needs the names of its fields: --no-header --columns', { dialect: { header: false } }],
    ['add --no-header', { csvjobs: { columns: ['a'] } }],
    ['remove one of them', { dialect: { header: false, headerRows: [1] }, csvjobs: { columns: ['a'] } }],
    ['footer may be at most 1000', { csvjobs: { footer: 1001 } }],
    ['headerRows may be at most 1000', { dialect: { headerRows: [1001] } }],
    [
      '";" cannot be both the delimiter and the quote character',
      { dialect: { delimiter: ';', quoteChar: ';' } },
    ],
    [
      '"#" cannot be both the quote and the comment character',
      { dialect: { quoteChar: '#', commentChar: '#' } },
    ],
    ['the comment character cannot be a line end', { dialect: { commentChar: '\n' } }],
    ['cannot be a delimiter', { dialect: { delimiter: 'a\nb' } }],
  ])('%s', (message, spec) => {
    const failed = () => from(spec);
    expect(failed).toThrow(message);
    expect(failed).toThrow(expect.objectContaining({ code: 'spec_invalid' }));
  });

  it('an invalid delimiter is an error of the request', () => {
    expect(() => overridesFor({ delimiter: 'a"' })).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
