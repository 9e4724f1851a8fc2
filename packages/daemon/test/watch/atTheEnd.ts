/** For every test file, after its own hooks: checks what its daemons logged and answered. */
import { afterAll, expect } from 'vitest';
import { findings } from './watched.js';

afterAll(async () => {
  expect(await findings(), 'logs without secrets and rows, responses that match the API description').toEqual(
    [],
  );
});
