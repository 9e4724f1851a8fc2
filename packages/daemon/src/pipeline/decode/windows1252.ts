/** What the bytes of a file that is not UTF-8 say for and against windows-1252. */
import { isAscii } from 'node:buffer';
import iconv from 'iconv-lite';

/** Why a text cannot be windows-1252, and where in it (an offset in bytes) that shows first. */
export type Disproof =
  | { kind: 'undefined_byte'; byte: number; offset: number }
  | { kind: 'unlikely_letters'; word: string; offset: number };

/** This many accented letters in a row are a long run. */
const LONG_RUN = 3;
/** The text is refused when at least 1 run in 4 is long. */
const RUNS_TO_ONE_LONG = 4;
/** A word is shown with at most this many bytes on each side of its first accented letter. */
const SHOWN_SIDE = 30;

/**
 * Takes all bytes of a text, in chunks of any size. Two things disprove windows-1252:
 * - a byte that it does not define: 81, 8D, 8F, 90 or 9D (the WHATWG encoding standard maps these to control
 *   characters, so that a decoder never fails; no program writes them as text);
 * - accented letters that mostly stand three and more in a row. In the Western languages that is rare, and where the
 *   text is really Cyrillic, Greek or Chinese it is the rule. docs/decisions/0009-encodings.md has the figures.
 */
export class Windows1252Evidence {
  #base = 0;
  #undefined: { byte: number; offset: number } | undefined;
  #runs = 0;
  #longRuns = 0;
  /** Letters in the run at hand. */
  #run = 0;
  #firstLong: { word: string; offset: number } | undefined;
  #firstWord: string | undefined;

  /** Takes the next bytes; keeps none of them but a word. */
  add(chunk: Uint8Array): void {
    if (isAscii(chunk)) this.#run = 0;
    else {
      for (let at = 0; at < chunk.length; at++) {
        const kind = KINDS[chunk[at]!];
        if (kind === NO_LETTER) this.#run = 0;
        else this.#letter(chunk, at, kind === NO_CHARACTER);
      }
    }
    this.#base += chunk.length;
  }

  /** Why the text is not windows-1252, if anything says so. */
  get disproof(): Disproof | undefined {
    if (this.#undefined) return { kind: 'undefined_byte', ...this.#undefined };
    const many = this.#longRuns > 0 && this.#longRuns * RUNS_TO_ONE_LONG >= this.#runs;
    return many ? { kind: 'unlikely_letters', ...this.#firstLong! } : undefined;
  }

  /** A word with an accented letter, read as windows-1252: one with a long run where there is any. */
  get word(): string | undefined {
    return this.#firstLong?.word ?? this.#firstWord;
  }

  #letter(chunk: Uint8Array, at: number, isUndefined: boolean): void {
    if (isUndefined) this.#undefined ??= { byte: chunk[at]!, offset: this.#base + at };
    this.#run++;
    if (this.#run === 1) {
      this.#runs++;
      this.#firstWord ??= wordAround(chunk, at);
    }
    if (this.#run === LONG_RUN) {
      this.#longRuns++;
      this.#firstLong ??= { word: wordAround(chunk, at), offset: this.#base + at };
    }
  }
}

const UNDEFINED = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/** € ‚ „ … ‹ ‘ ’ “ ” • – — › and, from the Latin-1 half, the fixed space, «, the soft hyphen and ». */
const PUNCTUATION = [
  0x80, 0x82, 0x84, 0x85, 0x8b, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x9b, 0xa0, 0xab, 0xad, 0xbb,
];

const NO_LETTER = 0;
const LETTER = 1;
const NO_CHARACTER = 2;
/** What each byte is: ASCII and punctuation end a run; symbols count as letters, for in other encodings they are. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x80 || PUNCTUATION.includes(byte)) return NO_LETTER;
  return UNDEFINED.includes(byte) ? NO_CHARACTER : LETTER;
});

/** The word that a byte of a chunk is in, as far as it lies in this chunk. */
function wordAround(chunk: Uint8Array, at: number): string {
  let from = at;
  let to = at + 1;
  while (from > Math.max(0, at - SHOWN_SIDE) && isWordByte(chunk[from - 1]!)) from--;
  while (to < Math.min(chunk.length, at + SHOWN_SIDE) && isWordByte(chunk[to]!)) to++;
  return iconv.decode(Buffer.from(chunk.subarray(from, to)), 'windows-1252');
}

function isWordByte(byte: number): boolean {
  return byte >= 0x80 ? KINDS[byte] !== NO_LETTER : (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}
