import { expect, test } from 'vitest';
import { asFailure, Failure } from '../src/failure.js';

const error = (message: string, fields: object) => Object.assign(new Error(message), fields);

test.each([
  [error('terminating connection', { code: '57P01' }), 'database_unreachable'],
  [error('could not extend file', { code: '53100' }), 'database_disk_full'],
  [error('too many connections', { code: '53300' }), 'database_overloaded'],
  [error('deadlock detected', { code: '40P01' }), 'transaction_conflict'],
  [error('lock timeout', { code: '55P03' }), 'transaction_conflict'],
  [error('i/o', { code: '58030' }), 'database_io_error'],
  [error('connect', { code: 'ECONNREFUSED' }), 'database_unreachable'],
  // The Unix socket of a server that is down.
  [error('connect ENOENT /run/x', { code: 'ENOENT', syscall: 'connect' }), 'database_unreachable'],
  [error('Connection terminated unexpectedly', {}), 'database_unreachable'],
  [new AggregateError([error('connect', { code: 'ECONNREFUSED' })]), 'database_unreachable'],
  [error('open files', { code: 'EMFILE' }), 'system_overloaded'],
])('%s may pass', (thrown, code) => {
  expect(asFailure(thrown)).toMatchObject({ code, retryable: true, cause: thrown });
});

test.each([
  error('no such file', { code: 'ENOENT', syscall: 'open' }),
  error('null value', { code: '23502' }),
  error('no such table', { code: '42P01' }),
  'a text',
  null,
])('%s is for good', (thrown) => {
  expect(asFailure(thrown)).toMatchObject({ code: 'unexpected', retryable: false });
});

test('a failure stays as it is', () => {
  const failure = new Failure('header_invalid', 'no e-mail');
  expect(asFailure(failure)).toBe(failure);
});
