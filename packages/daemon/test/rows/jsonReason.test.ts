/** Why a text is not JSON: V8's words, without the document. */
import { expect, it } from 'vitest';
import { typeRuleOf } from '../../src/rows/typeRules.js';
import { columnOf } from './targets.js';

it.each([
  ['NaN', 'unexpected text'],
  ['{"secret": x}', expect.stringMatching(/^Unexpected token 'x'$/)],
  ['[1', expect.stringMatching(/at position 2/)],
])('%s', (value, says) => {
  expect(typeRuleOf(columnOf('c', 'json').type)!.judge(value)).toEqual({
    code: 'not_json',
    params: { value, says },
  });
});
