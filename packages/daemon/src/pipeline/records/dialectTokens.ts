/** The tokens of a text whose dialect is not the usual one, as bytes. */
import type { FileDialect } from '@csvjobs/shared';
import { CR, delimiterByte, LF, SPACE, TAB } from './bytes.js';

/** How a text is divided into records and fields. */
export interface TextFormat {
  /** One or more characters. */
  delimiter: string;
  /** What the user says about the dialect; RFC 4180 for the rest. */
  dialect?: FileDialect | undefined;
}

export interface DialectTokens {
  delimiter: Buffer;
  quote: Buffer | undefined;
  escape: Buffer | undefined;
  comment: Buffer | undefined;
  doubleQuote: boolean;
  skipInitialSpace: boolean;
  lenient: boolean;
  /** Length of the longest token. */
  longest: number;
  /** Whether a byte is a space or tab that does not start a token. */
  isBlank(byte: number | undefined): boolean;
}

/**
 * Returns whether the fast cutter can read a text: one ASCII delimiter, double quotes, and no lines to leave out
 * between the records.
 */
export function isUsual({ delimiter, dialect = {} }: TextFormat): boolean {
  const {
    quote = '"',
    escape: mark,
    doubleQuote = true,
    skipInitialSpace = false,
    quotes,
    comment,
  } = dialect;
  const usual = quote === '"' && doubleQuote && (mark === undefined || mark === quote);
  const plain = usual && !skipInitialSpace && quotes !== 'lenient';
  return plain && comment === undefined && dialect.commentRows === undefined && isDelimiterByte(delimiter);
}

function isDelimiterByte(delimiter: string): boolean {
  try {
    delimiterByte(delimiter);
    return true;
  } catch {
    return false;
  }
}

export function tokensOf({ delimiter, dialect = {} }: TextFormat): DialectTokens {
  const { quote = '"', escape: mark, comment } = dialect;
  const bytes = (text: string | null | undefined) => (text == null ? undefined : Buffer.from(text));
  const tokens = {
    delimiter: Buffer.from(delimiter),
    quote: bytes(quote),
    // An escape equal to the quote means doubled quotes.
    escape: mark === quote ? undefined : bytes(mark),
    comment: bytes(comment),
  };
  const all = Object.values(tokens).flatMap((token) => token ?? []);
  const first = new Set(all.map((token) => token[0]));
  return {
    ...tokens,
    doubleQuote: (dialect.doubleQuote ?? true) || (mark !== undefined && mark === quote),
    skipInitialSpace: dialect.skipInitialSpace ?? false,
    lenient: dialect.quotes === 'lenient',
    longest: Math.max(...all.map(({ length }) => length)),
    isBlank: (byte) => (byte === SPACE || byte === TAB) && !first.has(byte),
  };
}

/** Returns whether a token is at a position. */
export function startsWith(bytes: Uint8Array, at: number, token: Uint8Array | undefined): boolean {
  if (token === undefined || bytes[at] !== token[0]) return false;
  for (let each = 1; each < token.length; each++) if (bytes[at + each] !== token[each]) return false;
  return true;
}

export function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
