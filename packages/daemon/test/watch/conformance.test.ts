/** Tests the check that compares the responses of all other tests with the description. */
import { expect, test } from 'vitest';
import { violation } from './conformance.js';

const answer = (url: string, body: unknown, status = 200, type = 'application/json') =>
  violation({
    ...{ method: 'GET', url, status, whole: true, body: JSON.stringify(body) },
    headers: { 'x-request-id': 'a', 'csvjobs-version': '1', 'content-type': type },
  });

test('a response that matches the description passes, and so does the same path with another', () => {
  const url = '/api/jobs/earlier?sha256=a';
  expect(answer(url, { earlier: null })).toBeUndefined();
  expect(answer(url, { earlier: null })).toBeUndefined();
});

test.each([
  ['a value of another type', '/api/jobs/earlier?sha256=a', { earlier: 5 }, 200],
  ['a body of another call with a similar path', '/api/jobs/earlier', { jobId: 'a' }, 200],
  ['a status that is not described', '/api/jobs/earlier', { earlier: null }, 299],
  ['a path that is not described', '/api/nothing', {}, 200],
])('%s is a violation', (_, url, body, status) => {
  expect(answer(url, body, status)).toBeDefined();
});

test('a component that no longer matches its description is a violation', () => {
  const problem = { type: 'about:blank', title: 'No', status: 'many' };
  expect(answer('/api/nothing', problem, 404, 'application/problem+json')).toBeDefined();
});
