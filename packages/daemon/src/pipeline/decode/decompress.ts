/** Decompresses bytes strictly: damaged, truncated or too large data is an error, never a silent end. */
import * as zlib from 'node:zlib';
import { Failure } from '../../failure.js';
import type { Compression } from './identify.js';
import { ZlibPump, type ZlibStream } from './zlibPump.js';
import { ZstdFrames } from './zstdFrames.js';

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface DecompressOptions {
  compression: Compression;
  /** Maximum number of decompressed bytes; does not limit uncompressed files. */
  maxDecodedBytes: number;
  /** False if the chunks are only the start of a file: then a truncated end is not damage. */
  whole?: boolean;
}

/** Undefined before Node 22.15. */
const createZstdDecompress = (
  zlib as { createZstdDecompress?: (options: { chunkSize: number }) => ZlibStream }
).createZstdDecompress;

/** Whether this Node.js can read zstd. */
export const HAS_ZSTD = createZstdDecompress !== undefined;

const CHUNK_BYTES = 64 * 1024;

/**
 * Yields the decompressed bytes; with `none`, the chunks themselves.
 *
 * gzip: consecutive members are one text (RFC 1952 section 2.2). Zero bytes after the last member are padding (as for
 * gzip itself); anything else is damage. zstd: consecutive frames are one text, skippable frames are skipped (RFC 8878
 * section 3.1); anything else is damage.
 *
 * Memory: one chunk of the source and what the engine needs, no matter how large a chunk becomes. Stopping early
 * (`return()`) frees the engine and closes the source.
 *
 * @throws Failure `gzip_damaged`, `zstd_damaged`, `zstd_unsupported` (this Node.js has none),
 * `decompressed_too_large`
 */
export async function* decompress(
  chunks: Chunks,
  { compression, maxDecodedBytes, whole = true }: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') {
    yield* chunks;
    return;
  }
  let total = 0;
  for await (const chunk of compression === 'gzip' ? gunzip(chunks, whole) : unzstd(chunks, whole)) {
    total += chunk.length;
    if (total > maxDecodedBytes)
      throw tooLarge(compression, maxDecodedBytes, '; jobs that failed because of it can then be retried');
    yield chunk;
  }
}

/** Returns the failure for a file that is too large once decompressed; `besides` is appended to the advice. */
export function tooLarge(compression: Compression, maxDecodedBytes: number, besides = ''): Failure {
  return new Failure(
    'decompressed_too_large',
    `the file has more than ${maxDecodedBytes} bytes once it is decompressed (${compression}), ` +
      `and this daemon accepts no more: split the file, or raise MAX_DECODED_BYTES${besides}`,
  );
}

async function* gunzip(chunks: Chunks, whole: boolean): AsyncGenerator<Uint8Array, void, undefined> {
  const pump = new ZlibPump(zlib.createGunzip({ chunkSize: CHUNK_BYTES }));
  try {
    for await (const chunk of chunks) {
      if (pump.ended) {
        onlyZeros(chunk);
        continue;
      }
      yield* damageNamed('gzip', pump.write(chunk));
      if (pump.ended) onlyZeros(chunk.subarray(chunk.length - pump.unread));
    }
    if (whole && !pump.ended) yield* damageNamed('gzip', pump.end());
  } finally {
    pump.close();
  }
}

function onlyZeros(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0)) throw damaged('gzip', 'something that is not gzip follows its end');
}

async function* unzstd(chunks: Chunks, whole: boolean): AsyncGenerator<Uint8Array, void, undefined> {
  if (!createZstdDecompress) {
    throw new Failure(
      'zstd_unsupported',
      `the file is compressed with zstd, which Node.js ${process.versions.node} cannot read: ` +
        'compress it with gzip, or run the daemon on Node.js 22.15 or later',
    );
  }
  const frames = new ZstdFrames();
  let pump: ZlibPump | undefined;
  try {
    for await (const chunk of chunks) {
      for (const { bytes, ends } of frames.cut(chunk)) {
        pump ??= new ZlibPump(createZstdDecompress({ chunkSize: CHUNK_BYTES }));
        yield* damageNamed('zstd', pump.write(bytes));
        if (!ends) continue;
        if (!pump.ended) yield* damageNamed('zstd', pump.end());
        pump.close();
        pump = undefined;
      }
    }
    if (whole && !frames.atEnd) throw damaged('zstd', 'it ends in the middle');
  } finally {
    pump?.close();
  }
}

/** Yields the same bytes; turns an error of the engine into a Failure. */
async function* damageNamed(
  format: 'gzip' | 'zstd',
  bytes: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw damaged(format, code === 'Z_BUF_ERROR' ? 'it ends in the middle' : message, error);
  }
}

function damaged(format: 'gzip' | 'zstd', what: string, cause?: unknown): Failure {
  return new Failure(
    `${format}_damaged`,
    `the ${format} file is damaged or cut off (${what}): create it again (${format} -t tests it), then upload it again`,
    { cause },
  );
}
