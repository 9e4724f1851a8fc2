/**
 * The rules of json and jsonb: check the text and pass it on; jsonb has a version byte before it (jsonb_recv in
 * src/backend/utils/adt/jsonb.c). jsonb preserves no blanks, order or repeated keys. This is by design and does not
 * count as a silent change.
 */
import { numericRule } from './numeric.js';
import { copyBytes } from './text.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

const JSONB_VERSION = 1;
/** PostgreSQL aborts the statement, and so the whole batch, when its stack is full, at a few thousand levels. */
const MOST_LEVELS = 1_000;

export const jsonRule: TypeRule = {
  // json stores the text unchanged.
  trims: false,
  judge: (value) => faultOf(value),
  write: (bytes, start, end, out, at) =>
    faultOf(decode(bytes, start, end)) ? DOUBT : copyBytes(bytes, start, end, out, at),
};

/**
 * Strings and numbers become PostgreSQL values: NUL and half a surrogate pair are not text, and numbers have limits.
 */
export const jsonbRule: TypeRule = {
  trims: true,
  judge: (value) => faultOf(value) ?? faultOfParts(value),
  write(bytes, start, end, out, at) {
    const value = decode(bytes, start, end);
    if (faultOf(value) || faultOfParts(value)) return DOUBT;
    out.setUint8(at, JSONB_VERSION);
    return copyBytes(bytes, start, end, out, at + 1);
  },
};

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

function faultOf(value: string): Fault | undefined {
  try {
    JSON.parse(value);
  } catch (error) {
    return { code: 'not_json', params: { value, says: wordsOf(error) } };
  }
  return levelsOf(value) > MOST_LEVELS
    ? { code: 'not_json', params: { value, says: `nested more than ${MOST_LEVELS} levels deep` } }
    : undefined;
}

/** Returns V8's message without the document that it quotes. */
function wordsOf(error: unknown): string {
  const said = (error as Error).message;
  const words = said
    .replace(/,? ?(?:\.\.\.)?".*" is not valid JSON$/s, '')
    .replace(/ in JSON at position/, ' at position');
  // Of a few texts, such as NaN, V8 says nothing else.
  return words === '' ? 'unexpected text' : words;
}

/**
 * Returns the number of levels of valid JSON; if they cannot exceed the limit, 0 or an upper bound. Few documents have
 * more brackets than the limit, including those in strings, so levels are rarely counted.
 */
function levelsOf(value: string): number {
  if (value.length <= MOST_LEVELS) return 0;
  let brackets = 0;
  for (let at = 0; at < value.length && brackets <= MOST_LEVELS; at++) {
    const unit = value.charCodeAt(at);
    if (unit === 0x5b || unit === 0x7b) brackets++;
  }
  if (brackets <= MOST_LEVELS) return brackets;
  let level = 0;
  let deepest = 0;
  for (const [token] of value.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/gs)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++level);
    else if (token === ']' || token === '}') level--;
  }
  return deepest;
}

const UNLIKELY = /\\u|[eE][+-]?\d{4}|\d{5000}/;
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
const numeric = numericRule(-1);

function faultOfParts(value: string): Fault | undefined {
  if (!UNLIKELY.test(value)) return undefined;
  for (const [token] of value.matchAll(TOKENS)) {
    if (!token.startsWith('"')) {
      if (numeric.judge(token))
        return { code: 'not_json', params: { value, says: 'a number is out of range' } };
      continue;
    }
    const text = JSON.parse(token) as string;
    if (text.includes('\0')) return { code: 'not_json', params: { value, says: '\\u0000 cannot be stored' } };
    if (/\p{Surrogate}/u.test(text))
      return { code: 'not_json', params: { value, says: 'half a surrogate pair cannot be stored' } };
  }
  return undefined;
}
