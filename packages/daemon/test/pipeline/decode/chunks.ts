import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';

/** The chunk sizes for every table of cases. */
export const CHUNK_SIZES = [1, 2, 3, 5, 7, 64, 1000, 65_536];

/** Bytes in chunks of one size. */
export function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Bytes cut at these positions, including empty chunks. */
export function cutAt(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge));
}

export const anyPlaces = fc.array(fc.nat(), { maxLength: 12 });

export async function collect(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Buffer<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  // Copies, to detect a producer that reuses its memory.
  for await (const chunk of chunks) all.push(Uint8Array.from(chunk));
  return Buffer.concat(all);
}

/**
 * A gzip file with a comment of this many bytes in its header (RFC 1952 section 2.3: FLG.FCOMMENT, ended by a
 * zero).
 */
export function commented(bytes: number, text: string): Buffer {
  const file = gzipSync(text);
  const header = Buffer.from(file.subarray(0, 10));
  header[3] = 0x10;
  return Buffer.concat([header, Buffer.alloc(bytes, 'c'), Buffer.of(0), file.subarray(10)]);
}

/** The Failure with which a call ends. */
export async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
