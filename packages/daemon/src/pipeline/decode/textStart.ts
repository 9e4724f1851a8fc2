/** Where a text begins to say something: what stands before its first value is no sign of how it is to be read. */

/** Enough to find a delimiter by. */
const ENOUGH = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
/** What a line without a value consists of, whatever the delimiter may be. */
const NO_VALUE = new Set([...' \t,;|"'].map((character) => character.charCodeAt(0)));

/**
 * The start of a text without the lines in front that have no value, nor spaces before the first value: up to 64 KiB, and
 * what came with them. Reads no more of the text than that takes, and keeps no more.
 * @param text its chunks, in any encoding that contains ASCII
 */
export async function textStart(text: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const start = new TextStart();
  for await (const chunk of text) if (start.add(chunk)) break;
  return start.bytes;
}

/** The same of a text that is there. */
export function withoutBlankStart(text: Uint8Array): Uint8Array {
  const start = new TextStart();
  start.add(text);
  return start.bytes;
}

class TextStart {
  /** The first line with a value, up to that: delimiters and quotes belong to it. */
  #line: number[] = [];
  #found = false;
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  get bytes(): Uint8Array {
    return Buffer.concat([Uint8Array.from(this.#line), ...this.#parts]);
  }

  /** Takes the next chunk, which may be overwritten then; says whether that is enough. */
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
