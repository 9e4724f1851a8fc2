import { expect, test } from 'vitest';
import { asFailure, Failure } from '../src/failure.js';

const error = (message: string, fields: object) => Object.assign(new Error(message), fields);

test.each([
  [error('terminating connection', { code: '57P01' }), 'database_unreachable'],
  [error('could not extend file', { code: '53100' }), 'database_disk_full'],
  [error('too many connections', { code: '53300' }), 'database_overloaded'],
  [error('deadlock detected', { code: '40P01' }), 'transaction_conflict'],
  [error('lock timeout', { code: '55P03' }), 'transaction_conflict'],
  [error('could not open relation with OID 16412', { code: 'XX000' }), 'transaction_conflict'],
  [error('cache lookup failed for constraint 16412', { code: 'XX000' }), 'transaction_conflict'],
  [error('i/o', { code: '58030' }), 'database_io_error'],
  [error('connect', { code: 'ECONNREFUSED' }), 'database_unreachable'],
  // The Unix socket of a stopped server.
  [error('connect ENOENT /run/x', { code: 'ENOENT', syscall: 'connect' }), 'database_unreachable'],
  [error('Connection terminated unexpectedly', {}), 'database_unreachable'],
  [new AggregateError([error('connect', { code: 'ECONNREFUSED' })]), 'database_unreachable'],
  [error('open files', { code: 'EMFILE' }), 'system_overloaded'],
  [error('idle session', { code: '57P05' }), 'database_unreachable'],
  [error('read-only transaction', { code: '25006' }), 'database_read_only'],
  // The error of a standby for a read-write transaction.
  [error('mode', { code: '0A000', routine: 'call_bool_check_hook' }), 'database_read_only'],
  [error('password authentication failed', { code: '28P01' }), 'database_refused'],
  [error('no right to connect', { code: '42501', severity: 'FATAL' }), 'database_refused'],
  [error('no such database', { code: '3D000' }), 'database_missing'],
  [error('permission denied for table jobs', { code: '42501' }), 'database_rights'],
  [
    error('could not connect to server "far"', { code: '08001', severity: 'ERROR' }),
    'foreign_server_unreachable',
  ],
  [error('invalid frontend message', { code: '08P01', severity: 'ERROR' }), 'database_unreachable'],
  [error('the connection is gone', { code: '08006', severity: 'FATAL' }), 'database_unreachable'],
])('%s is retryable', (thrown, code) => {
  expect(asFailure(thrown)).toMatchObject({ code, retryable: true, cause: thrown });
});

test.each([
  error('no such file', { code: 'ENOENT', syscall: 'open' }),
  error('null value', { code: '23502' }),
  error('no such table', { code: '42P01' }),
  error('an extension has failed', { code: 'XX000' }),
  'a text',
  null,
])('%s is permanent', (thrown) => {
  expect(asFailure(thrown)).toMatchObject({ code: 'unexpected', retryable: false });
});

test('a failure is not wrapped again', () => {
  const failure = new Failure('header_invalid', 'no e-mail');
  expect(asFailure(failure)).toBe(failure);
});
