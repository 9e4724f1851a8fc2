/**
 * Reads one record of a text in any dialect, byte by byte.
 *
 * A quoted field ends at a quote that is neither doubled nor escaped; only blanks may follow. What RFC 4180 leaves open
 * is decided so that no record takes text from its neighbour:
 *
 * - strict: text after the closing quote, or a quote inside an unquoted field, is a fault of the record;
 * - lenient: both are text, but only if the quotes contain neither a delimiter nor a line end. Then the field ends at
 *   the same place whether or not its quotes have a meaning.
 */
import { LF } from './bytes.js';
import { type DialectTokens, isLineEnd, startsWith } from './dialectTokens.js';
import type { FrameFault } from './fault.js';

/** Receives the fields of a record, byte by byte. */
export interface FieldWriter {
  put(byte: number): void;
  /** The field has quotes; called before its bytes. */
  quoted(): void;
  /** Completes the field: the bytes put since the last call. */
  endField(): void;
  /** Replaces the bytes of the field so far. */
  replace(bytes: Uint8Array): void;
}

export interface ScanOptions {
  /** Maximum length of the record, in bytes. */
  limit: number;
  /** No more bytes will follow. */
  final: boolean;
  /** Quotes inside a field are faults, even if the dialect is lenient. */
  strict: boolean;
}

/** Reused for every record; its results are valid until the next call. */
export class DialectScan {
  /** Where the record's text ends, before its line end. */
  end = 0;
  fault: FrameFault | undefined;
  /** Where the fault was seen. */
  seen = 0;
  /** Number of line ends inside the record. */
  breaks = 0;
  readonly #tokens: DialectTokens;
  /** Bytes needed to recognize a token and, after it, a doubled quote or a CRLF. */
  readonly lookahead: number;

  constructor(tokens: DialectTokens) {
    this.#tokens = tokens;
    this.lookahead = 2 * tokens.longest + 1;
  }

  /** Reads the record that starts at a position. Returns false if it needs more bytes. */
  scan(bytes: Uint8Array, start: number, { limit, final, strict }: ScanOptions, into?: FieldWriter): boolean {
    const { delimiter, quote, escape: mark, doubleQuote, skipInitialSpace, isBlank } = this.#tokens;
    const lenient = this.#tokens.lenient && !strict;
    const over = start + limit;
    const known = final ? Number.POSITIVE_INFINITY : bytes.length - this.lookahead;
    const length = bytes.length;
    this.fault = undefined;
    this.breaks = 0;
    let at = start;
    let tooLong: FrameFault = 'too_long';
    for (;;) {
      const from = at;
      while (at < length && at < over && isBlank(bytes[at])) at++;
      if (at > known) return false;
      if (at < over && startsWith(bytes, at, quote)) {
        const opened = at;
        into?.quoted();
        tooLong = 'too_long_quoted';
        at += quote!.length;
        let plain = true;
        for (;;) {
          if (at > known) return false;
          if (at >= length) return this.#faulty('unclosed_quote', length);
          if (at >= over) return this.#faulty('too_long_quoted', over);
          const byte = bytes[at]!;
          if (startsWith(bytes, at, mark)) {
            at += mark!.length;
            if (at >= length) return this.#faulty('unclosed_quote', length);
          } else if (startsWith(bytes, at, quote)) {
            at += quote!.length;
            if (!doubleQuote || !startsWith(bytes, at, quote)) break;
            if (into) for (const each of quote!) into.put(each);
            at += quote!.length;
            continue;
          } else if (isLineEnd(byte) || startsWith(bytes, at, delimiter)) plain = false;
          if (byte === LF || (isLineEnd(byte) && bytes[at + 1] !== LF)) this.breaks++;
          into?.put(bytes[at]!);
          at++;
        }
        const closed = at;
        while (at < length && at < over && isBlank(bytes[at])) at++;
        if (at > known) return false;
        if (at < length && !isLineEnd(bytes[at]) && !startsWith(bytes, at, delimiter)) {
          if (at >= over) return this.#faulty('too_long_quoted', over);
          if (!lenient || !plain) return this.#faulty('text_after_quote', at);
          for (at = closed; at < length; at++) {
            if (at > known) return false;
            if (isLineEnd(bytes[at]) || startsWith(bytes, at, delimiter)) break;
            if (at >= over) return this.#faulty(tooLong, over);
          }
          into?.replace(this.#literal(bytes, opened, at));
        }
      } else {
        if (!skipInitialSpace) at = from;
        for (;;) {
          if (at > known) return false;
          if (at >= length || isLineEnd(bytes[at]) || startsWith(bytes, at, delimiter)) break;
          if (at >= over) return this.#faulty(tooLong, over);
          if (startsWith(bytes, at, mark)) {
            at += mark!.length;
            if (at >= length) break;
            if (bytes[at] === LF || (isLineEnd(bytes[at]) && bytes[at + 1] !== LF)) this.breaks++;
          } else if (!lenient && startsWith(bytes, at, quote)) return this.#faulty('stray_quote', at);
          into?.put(bytes[at]!);
          at++;
        }
      }
      into?.endField();
      if (at >= length || isLineEnd(bytes[at])) {
        this.end = at;
        return true;
      }
      if (at >= over) return this.#faulty(tooLong, over);
      at += delimiter.length;
    }
  }

  #faulty(fault: FrameFault, seen: number): true {
    this.fault = fault;
    this.seen = seen;
    return true;
  }

  /**
   * Returns a field with quotes inside quotes literally, but without the outer quotes if they enclose all of it: if the
   * second quote follows a blank, or the number of quotes is odd (`"a "b" c"`, `"19" rack"`; not `"a" and "b"`).
   */
  #literal(bytes: Uint8Array, opened: number, end: number): Uint8Array {
    const quote = this.#tokens.quote!;
    let last = end;
    while (last > opened && this.#tokens.isBlank(bytes[last - 1])) last--;
    const places: number[] = [];
    for (let at = opened; at < last; at++) if (startsWith(bytes, at, quote)) places.push(at);
    const closing = last - quote.length;
    const around = places.at(-1) === closing && places.length > 2;
    const inner = around && (places.length % 2 === 1 || this.#tokens.isBlank(bytes[places[1]! - 1]));
    if (!inner) return bytes.subarray(opened, end);
    const text = Buffer.from(bytes.subarray(opened + quote.length, closing)).toString('latin1');
    const one = Buffer.from(quote).toString('latin1');
    return Buffer.from(this.#tokens.doubleQuote ? text.replaceAll(one + one, one) : text, 'latin1');
  }
}
