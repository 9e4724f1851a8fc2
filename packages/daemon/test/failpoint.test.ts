import { expect, test } from 'vitest';
import { readConfig } from '../src/config.js';
import { armFailpoints, failpoint, parseFailpoints } from '../src/failpoint.js';

test('a failpoint consists of a name, a hit number, an action and a time', () => {
  expect(parseFailpoints('before-commit:3=kill, after-rename=delay/500')).toEqual([
    { name: 'before-commit', nth: 3, action: 'kill', ms: 0 },
    { name: 'after-rename', nth: 1, action: 'delay', ms: 500 },
  ]);
});

test.each(['before-commit', 'before-commit=explode', '=kill', 'a:b=kill'])(
  '%s is not a failpoint',
  (text) => {
    expect(() => parseFailpoints(text)).toThrow('name[:nth]=action');
  },
);

test('failpoints exist only if NODE_ENV is test', () => {
  const set = { CSVJOBS_FAILPOINTS: 'before-commit=kill' };
  expect(readConfig({ ...set, NODE_ENV: 'test' }).failpoints).toHaveLength(1);
  expect(readConfig({ ...set, NODE_ENV: 'production' }).failpoints).toEqual([]);
  expect(readConfig(set).failpoints).toEqual([]);
});

test('a failpoint acts at its nth hit and never again; the others do nothing', async () => {
  armFailpoints(parseFailpoints('here:2=throw'));
  await failpoint('elsewhere');
  await failpoint('here');
  await expect(failpoint('here')).rejects.toThrow('the failpoint here throws');
  await failpoint('here');
});
