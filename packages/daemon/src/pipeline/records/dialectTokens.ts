/** What means something in a text whose dialect is not the usual one, as bytes. */
import type { FileDialect } from '@csvjobs/shared';
import { CR, delimiterByte, LF, SPACE, TAB } from './bytes.js';

/** How a text becomes records and fields. */
export interface TextFormat {
  /** One character or several. */
  delimiter: string;
  /** What a person says about it; RFC 4180 where nothing. */
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
  /** The longest of them. */
  longest: number;
  /** Spaces and tabs that are no token. */
  isBlank(byte: number | undefined): boolean;
}

/** Whether a text is cut by the fast cutter: one ASCII delimiter, double quotes, lines that all count. */
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
    // An escape that is the quote is what doubled quotes are.
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

/** Whether a token stands at a position. */
export function startsWith(bytes: Uint8Array, at: number, token: Uint8Array | undefined): boolean {
  if (token === undefined || bytes[at] !== token[0]) return false;
  for (let each = 1; each < token.length; each++) if (bytes[at + each] !== token[each]) return false;
  return true;
}

export function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
