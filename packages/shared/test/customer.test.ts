import { columnFor, customerSchema, EMAIL_PATTERN, isEmail } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

it('e-mail addresses have the pattern of zod, apart from escapes that a class does not need', () =>
  expect(EMAIL_PATTERN.source).toBe(z.regexes.email.source.replaceAll('\\-', '-')));

describe('header names', () => {
  it.each([
    ['name', 'name'],
    [' Full Name ', 'name'],
    ['E-mail', 'email'],
    ['EMAIL_ADDRESS', 'email'],
    ['Phone Number', 'phone'],
    ['tel.', 'phone'],
    ['Organisation', 'company'],
    ['organization', 'company'],
    ['Company_Name', 'company'],
    ['notes', undefined],
    ['', undefined],
  ])('%j stands for %j', (header, column) => expect(columnFor(header)).toBe(column));
});

describe('e-mail addresses', () => {
  it.each([
    'a@b.co',
    "Ann.O'Neil+tag@sub.example.com",
    'x@münchen.de',
    'x@xn--mnchen-3ya.de',
    'x@例え.テスト',
    `${'l'.repeat(64)}@b.co`,
  ])('%j is valid', (value) => expect(isEmail(value)).toBe(true));
  it.each([
    '',
    'a',
    'a@b',
    '@b.co',
    'a@.co',
    'a..b@c.co',
    '.a@c.co',
    'a.@c.co',
    'a@b..co',
    'a@-b.co',
    'a b@c.co',
    'a@b.c',
    'a@b.co ',
    'a@b.co\n',
    'a@@b.co',
    'ä@b.co',
    `${'l'.repeat(65)}@b.co`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(10)}.co`,
    'a@127.0.0.1',
  ])('%j is invalid', (value) => expect(isEmail(value)).toBe(false));
});

describe('a customer', () => {
  it('is trimmed, and an empty phone is null', () => {
    expect(customerSchema.parse({ name: ' Ann ', email: ' a@b.co\t', phone: '  ', company: 'Ö ' })).toEqual({
      name: 'Ann',
      email: 'a@b.co',
      phone: null,
      company: 'Ö',
    });
  });
  it('reports all errors at once', () => {
    const result = customerSchema.safeParse({ name: ' ', email: 'nobody', phone: '', company: '' });
    expect(result.error?.issues.map((issue) => issue.message)).toEqual([
      'name is required',
      'email is not a valid address',
      'company is required',
    ]);
  });
  it('reports an empty e-mail once, as missing', () => {
    const result = customerSchema.safeParse({ name: 'a', email: ' ', phone: '', company: 'c' });
    expect(result.error?.issues.map((issue) => issue.message)).toEqual(['email is required']);
  });
});
