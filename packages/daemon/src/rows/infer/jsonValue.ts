/**
 * Decides whether a text is a JSON object or array that jsonb stores without loss. JSON.parse decides what is JSON. In
 * addition, jsonb (PostgreSQL manual, section 8.14) refuses \u0000 and lone surrogates, silently drops all but the last
 * of equal keys, and limits numbers and depth; the limits here are well below those.
 */

/** Maximum depth. PostgreSQL's stack allows a few thousand levels (max_stack_depth). */
const DEPTH = 500;
/** A number with more characters, or a larger exponent, may be out of numeric's range. */
const NUMBER_LENGTH = 300;
const EXPONENT = 1_000;

export function isJsonbValue(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  const keys = keysWritten(text);
  return keys !== undefined && keys === keysKept(value);
}

/** Counts the keys in a text that JSON.parse accepts; undefined if it is too deep or has numbers out of range. */
function keysWritten(text: string): number | undefined {
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = closingQuote(text, at);
    else if (character === ':') keys++;
    else if (character === '{' || character === '[') {
      if (++depth > DEPTH) return undefined;
    } else if (character === '}' || character === ']') depth--;
    else if (character === '-' || (character >= '0' && character <= '9')) {
      const end = numberEnd(text, at);
      if (!fitsNumeric(text, at, end)) return undefined;
      at = end - 1;
    }
  }
  return keys;
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function numberEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && /[\d.eE+-]/.test(text[at]!)) at++;
  return at;
}

function fitsNumeric(text: string, start: number, end: number): boolean {
  if (end - start > NUMBER_LENGTH) return false;
  const [, exponent = '0'] = text.slice(start, end).split(/e/i);
  return Math.abs(Number(exponent)) <= EXPONENT;
}

/** Counts the keys that a parsed value has; -1 if it contains a string that jsonb refuses. */
function keysKept(root: object): number {
  const open: unknown[] = [root];
  let keys = 0;
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      if (isRefused(value)) return -1;
    } else if (Array.isArray(value)) {
      for (const item of value) open.push(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (isRefused(key)) return -1;
        keys++;
        open.push(item);
      }
    }
  }
  return keys;
}

function isRefused(text: string): boolean {
  return /[\0\p{Cs}]/u.test(text);
}
