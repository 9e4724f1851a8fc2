/** The state machine of the `csvjobs map` screen: keys and their effect on a mapping. */
import { describe, expect, test } from 'vitest';
import { next } from '../../src/mapping/screen.js';
import type { ScreenState } from '../../src/mapping/state.js';
import { columnOf, FOUND, MODEL, press, screen, sourceOf } from './model.js';

const source = ({ sources, column }: ScreenState) => sources[column];

test('starts at the first required column without a source, and marks guesses', () => {
  expect(screen()).toMatchObject({ column: 0, mode: { kind: 'columns' } });
  expect(screen().note).toContain('a guess');
  expect(screen(MODEL, [sourceOf([[0]]), FOUND[1], FOUND[2], undefined, undefined]).column).toBe(0);
});

test.each([
  ['j', 1],
  ['<down>', 1],
  ['jjk', 1],
  ['<down><up>', 0],
  ['<up>', 0],
  ['G', 4],
  ['<end>', 4],
  ['Gg', 0],
  ['G<home>', 0],
  ['jjjjjjjj', 4],
])('%s moves to column %i', (keys, column) => {
  expect(press(screen(), keys).column).toBe(column);
});

test('a page is the visible rows, and paging stops at the ends', () => {
  expect(press(screen(), '<pageDown>', 3).column).toBe(3);
  expect(press(screen(), '<pageDown><pageDown><pageUp>', 3).column).toBe(1);
});

describe('choosing', () => {
  test('Enter moves to the first free field, Enter selects it', () => {
    const fields = press(screen(), '<enter>');
    expect(fields).toMatchObject({ mode: { kind: 'fields', how: 'replace' }, field: 0 });
    const chosen = press(fields, '<enter>');
    expect(chosen.mode).toEqual({ kind: 'columns' });
    expect(source(chosen)).toEqual(sourceOf([[0]]));
  });

  test('Esc selects nothing', () => {
    expect(press(screen(), '<enter>j<escape>').sources).toBe(FOUND);
  });

  test('+ appends a field, | adds an alternative', () => {
    const name = press(screen(), '<enter><enter>+<enter>');
    expect(source(name)).toEqual(sourceOf([[0, 1]]));
    const either = press(name, '|<home>jjj<enter>');
    expect(source(either)).toEqual(sourceOf([[0, 1], [3]]));
  });

  test.each([
    ['<enter><enter>|<home>jjj<enter>', [[0], [3]]],
    ['<enter><home>jjj<enter>|<home><enter>+<home>j<enter>', [[3], [0, 1]]],
    ['<enter><enter>|<home>j<enter>+<home>jjj<enter>|<home>jj<enter>', [[0], [1, 3], [2]]],
    ['<enter><enter>+<home>j<enter>|<home><enter>', [[1], [0]]],
  ])('%s: + joins to the alternative added last', (keys, alternatives) => {
    expect(source(press(screen(), keys))).toEqual(sourceOf(alternatives));
  });

  test('a field added again moves to the end', () => {
    const both = press(screen(), '<enter><enter>+<enter>');
    expect(source(press({ ...both, field: 0 }, '+<home><enter>'))).toEqual(sourceOf([[1, 0]]));
  });

  test('+ on a column without fields chooses the first', () => {
    expect(source(press(screen(), '+<enter>'))).toEqual(sourceOf([[0]]));
  });

  test.each([
    ['<enter>G', 'no name in the header'],
    ['<enter>jjjj', 'several fields have this name'],
  ])('%s: a field that no spec can name is not selected', (keys, why) => {
    const refused = press(screen(), `${keys}<enter>`);
    expect(refused.note).toContain(why);
    expect(refused.mode.kind).toBe('fields');
    expect(refused.sources).toBe(FOUND);
  });
});

describe('values', () => {
  test('d sets the default for empty fields; an empty one removes it', () => {
    const filled = press(screen(), 'jdNobody<enter>');
    expect(source(filled)).toEqual(sourceOf([[2]], { origin: 'exact', default: 'Nobody' }));
    expect(source(press(filled, `d${'<backspace>'.repeat(6)}<enter>`))).toEqual(FOUND[1]);
  });

  test('d on a column without a field sets the value of every row', () => {
    expect(source(press(screen(), 'dUnknown<enter>'))).toEqual(sourceOf([], { default: 'Unknown' }));
    expect(source(press(screen(), 'd<enter>'))).toBeUndefined();
  });

  test('a default confirms a guess', () => {
    expect(source(press(screen(), 'jjdX<enter>'))?.origin).toBe('person');
  });

  test('c sets a constant instead of fields', () => {
    expect(source(press(screen(), 'jjchubspot q<enter>'))).toEqual(sourceOf([], { constant: 'hubspot q' }));
    expect(press(screen(), 'jjcx<escape>').sources).toBe(FOUND);
  });

  test('Backspace deletes a grapheme while typing, otherwise clears the column', () => {
    expect(source(press(screen(), 'cé👩‍👩‍👧<backspace><enter>'))?.constant).toBe('é');
    expect(source(press(screen(), 'j<backspace>'))).toBeUndefined();
  });

  test('u undoes one change at a time', () => {
    const changed = press(screen(), 'j<backspace>ca<enter>');
    expect(source(press(changed, 'u'))).toBeUndefined();
    expect(press(changed, 'uu').sources).toBe(FOUND);
    expect(press(changed, 'uuu').note).toBe('nothing to undo');
  });
});

test('/ searches while typing, n finds the next and wraps around; also among fields', () => {
  expect(press(screen(), '/COM<enter>')).toMatchObject({ column: 2, mode: { kind: 'columns' } });
  expect(press(screen(), '/m<enter>n').column).toBe(1);
  expect(press(screen(), '/m<enter>nnn').column).toBe(0);
  expect(press(screen(), '/zzz').note).toContain('no name with "zzz"');
  expect(press(screen(), '<enter>/acc<enter>')).toMatchObject({ field: 3, mode: { kind: 'fields' } });
});

describe('ending', () => {
  const whole = [sourceOf([[0]]), FOUND[1], FOUND[2], undefined, undefined];

  test('q and Esc leave at once without changes, otherwise ask', () => {
    for (const key of ['q', '<escape>']) {
      expect(press(screen(), key).wish).toEqual({ do: 'leave' });
      const asked = press(screen(), `j<backspace>${key}`);
      expect(asked).toMatchObject({ wish: undefined, mode: { kind: 'ask', about: 'leave' } });
      expect(press(asked, 'y').wish).toEqual({ do: 'leave' });
      expect(press(asked, 'x')).toMatchObject({ wish: undefined, mode: { kind: 'columns' } });
    }
  });

  test('s asks for the file name, which can be edited', () => {
    const named = press(screen(MODEL, whole), 's');
    expect(named.mode).toMatchObject({ kind: 'text', of: 'file', text: 'people.csv.spec.yaml' });
    expect(press(named, '<enter>')).toMatchObject({
      path: 'people.csv.spec.yaml',
      wish: { do: 'save', overwrite: false },
    });
    expect(press(named, '2<enter>').path).toBe('people.csv.spec.yaml2');
    expect(press(named, `${'<backspace>'.repeat(30)}<enter>`)).toMatchObject({ wish: undefined });
  });

  test('s with a given name saves at once', () => {
    expect(press({ ...screen(MODEL, whole), asksPath: false }, 's').wish).toEqual({
      do: 'save',
      overwrite: false,
    });
  });

  test('s asks first if a required column has no source', () => {
    const asked = press(screen(), 's');
    expect(asked.mode).toEqual({ kind: 'ask', about: 'missing' });
    expect(press(asked, 'y').mode).toMatchObject({ kind: 'text', of: 'file' });
    expect(press(asked, 'n').mode).toEqual({ kind: 'columns' });
  });

  test('only y overwrites an existing file', () => {
    const there = next(press(screen(MODEL, whole), 's<enter>'), { type: 'exists' });
    expect(there).toMatchObject({ wish: undefined, mode: { kind: 'ask', about: 'overwrite' } });
    expect(press(there, 'y').wish).toEqual({ do: 'save', overwrite: true });
    expect(press(there, '<enter>').wish).toBeUndefined();
  });

  test('a failed save shows its reason, and loses nothing', () => {
    const failed = next(press(screen(MODEL, whole), 's<enter>'), { type: 'failed', message: 'no room' });
    expect(failed).toMatchObject({ note: 'no room', sources: whole, wish: undefined });
  });

  test('leaving may save', () => {
    expect(press(screen(MODEL, whole), 'j<backspace>qs').mode).toMatchObject({ about: 'missing' });
    expect(press(screen(MODEL, whole), 'Gcx<enter>qs').mode).toMatchObject({ of: 'file' });
  });

  test('Ctrl-C interrupts, in every mode', () => {
    for (const keys of ['', '<enter>', 'd', '?', 's'])
      expect(press(screen(), `${keys}<interrupt>`).wish).toEqual({ do: 'interrupt' });
  });
});

test('? shows the help, any key returns', () => {
  expect(press(screen(), '?').mode).toEqual({ kind: 'help' });
  expect(press(screen(), '?q')).toMatchObject({ mode: { kind: 'columns' }, wish: undefined });
});

test('no key moves out of the lists, whatever their content', () => {
  const empty = { ...MODEL, columns: [columnOf('a')], fields: MODEL.fields.slice(0, 1) };
  for (const keys of ['jjjG<pageDown>', 'kkk<pageUp>', '<enter>jjj<enter>', '/q<enter>nnn'])
    expect(press(screen(empty, [undefined]), keys)).toMatchObject({ column: 0, field: 0 });
});
