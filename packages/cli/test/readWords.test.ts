/** Which words of a command line are the command, its options and its operands. */
import { expect, test } from 'vitest';
import { buildProgram } from '../src/commandLine/build.js';
import { readWords } from '../src/commandLine/readWords.js';

const stream = { write: () => true } as unknown as NodeJS.WritableStream;
const read = (line: string) =>
  readWords(
    buildProgram({ stdout: stream, stderr: stream }, () => {}),
    line.split(' '),
  );

test.each([
  ['upload a.csv --into t --watch b.csv', ['upload'], '--into t --watch', ['a.csv', 'b.csv']],
  // A value may equal an operand.
  ['upload t --into t', ['upload'], '--into t', ['t']],
  ['--url http://h:1 upload a.csv -q', ['upload'], '--url http://h:1 -q', ['a.csv']],
  ['--url=http://h:1 daemon start x', ['daemon', 'start'], '--url=http://h:1', ['x']],
  ['upload --delimiter=; -- --watch', ['upload'], '--delimiter=;', ['--watch']],
  ['upload -', ['upload'], '', ['-']],
  ['ls --status failed', ['ls'], '--status failed', []],
  ['errors list', ['errors'], '', ['list']],
  ['uplod a.csv', [], '', ['uplod', 'a.csv']],
])('%s', (line, path, options, operands) => {
  const words = read(line);
  expect([words.path, words.options.join(' '), words.operands]).toEqual([path, options, operands]);
});

test('the address, and the option whose value is to come', () => {
  expect(read('--url http://h:1 list').url).toBe('http://h:1');
  expect(read('list --url=http://h:1').url).toBe('http://h:1');
  expect(read('upload --into').waiting?.long).toBe('--into');
  expect(read('upload --watch').waiting).toBeUndefined();
});
