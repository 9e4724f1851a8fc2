/** For every test file, after its own hooks: what its daemons have logged and answered is looked at. */
import { afterAll, expect } from 'vitest';
import { findings } from './watched.js';

afterAll(async () => {
  expect(
    await findings(),
    'logs without secrets and rows, answers as the description of the API says',
  ).toEqual([]);
});
