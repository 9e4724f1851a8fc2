import { expect, it } from 'vitest';
import { calledFunctions } from '../../src/target/calledFunctions.js';

it.each<[string, string[]]>([
  ['now()', ['now']],
  ['nextval(\'sales."a(b"\'::regclass)', ['nextval']],
  ["lower('it''s f(x)'::text) || upper (a)", ['lower', 'upper']],
  ['sales.next(1)', ['sales.next']],
  // A cast with a modifier calls nothing that a cast without one does not.
  ["'0'::numeric(10,2)", []],
  ["'0'::sales.amount(3)", []],
  ['\'0\'::"My type"(3)', []],
  ['CURRENT_TIMESTAMP', []],
  // Quoted names, with what looks like a cast, a call or the end of the name.
  ['"a::now"()', ['"…"']],
  ['"x""::now"()', ['"…"']],
  ['sales."Next"()', ['sales."…"']],
  ['"My schema".f()', ['"…".f']],
  // The bound of a slice is no cast.
  ['a[1:f(2)]', ['f']],
])('%s calls %j', (expression, names) => {
  expect(calledFunctions(expression)).toEqual(names);
});
