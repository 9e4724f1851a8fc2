/** Finds the first value of a text: blank text before it does not show how to read the file. */

/** Enough to find the delimiter, in bytes. */
const ENOUGH = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
/** Characters of a line without a value, for any delimiter. */
const NO_VALUE = new Set([...' \t,;|"'].map((character) => character.charCodeAt(0)));

/**
 * Returns the start of a text without leading lines that have no value, and without spaces before the first value: up
 * to 64 KiB, and the rest of the last chunk. Reads and keeps no more of the text than that.
 * @param text its chunks, in any encoding that contains ASCII
 */
export async function textStart(text: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const start = new TextStart();
  for await (const chunk of text) if (start.add(chunk)) break;
  return start.bytes;
}

/** Does the same for a text in memory. */
export function withoutBlankStart(text: Uint8Array): Uint8Array {
  const start = new TextStart();
  start.add(text);
  return start.bytes;
}

class TextStart {
  /** Delimiters and quotes of the current line, which belong to the text if a value follows. */
  #line: number[] = [];
  #found = false;
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  get bytes(): Uint8Array {
    return Buffer.concat([Uint8Array.from(this.#line), ...this.#parts]);
  }

  /** Takes the next chunk, which may be overwritten afterwards. Returns whether there is enough text. */
  add(chunk: Uint8Array): boolean {
    let at = 0;
    for (; !this.#found && at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === LF || byte === CR) this.#line = [];
      else if (byte === SPACE && this.#line.length === 0) continue;
      else if (NO_VALUE.has(byte) && this.#line.length < ENOUGH) this.#line.push(byte);
      else {
        this.#found = true;
        break;
      }
    }
    this.#parts.push(Buffer.from(chunk.subarray(at)));
    this.#size += chunk.length - at;
    return this.#size >= ENOUGH;
  }
}
