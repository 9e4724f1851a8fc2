/** Uploads in pieces, in a folder: one growing file, flushed before an offset is acknowledged. */
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainedWrite } from '../explainedWrite.js';
import { fileTooLarge } from '../fileTooLarge.js';
import { type AppendOptions, offsetMismatch, type Pieces, piecesMissing } from '../pieces.js';
import { createSumming } from '../summing.js';
import { flushFolder } from './flush.js';
import { placed, writeAll } from './place.js';

/**
 * Where the file of an upload under way is, where its final place will be, and whether the folder is
 * writable.
 */
export interface PiecesFolder {
  temporary(id: string): string;
  final(id: string): string;
  writable(): Promise<void>;
}

const READ_BYTES = 1024 * 1024;

export function createFolderPieces({ temporary, final, writable }: PiecesFolder): Pieces {
  /** @throws {Failure} `pieces_missing` */
  const opened = (id: string, flags: number) =>
    open(temporary(id), flags).catch((error) => {
      throw error.code === 'ENOENT' ? piecesMissing(id, error) : explainedWrite(error);
    });

  return {
    async begin(id) {
      const path = temporary(id);
      await writable();
      try {
        const file = await open(path, 'wx', 0o600);
        await file.sync().finally(() => file.close());
        await flushFolder(dirname(path));
      } catch (error) {
        throw explainedWrite(error);
      }
    },

    async length(id) {
      const path = temporary(id);
      const file = await open(path, 'r+').catch((error) => {
        if (error.code === 'ENOENT') return undefined;
        throw explainedWrite(error);
      });
      if (!file) return undefined;
      try {
        const { size } = await file.stat();
        // A process that was killed has left bytes that were never flushed.
        await file.sync();
        return size;
      } finally {
        await file.close();
      }
    },

    async append(id, offset, stream, options) {
      await writable();
      const file = await opened(id, constants.O_WRONLY);
      try {
        const { size } = await file.stat();
        if (size !== offset) throw offsetMismatch(id, offset, size);
        try {
          return await write(file, offset, stream, options);
        } finally {
          await file.sync();
        }
      } catch (error) {
        throw explainedWrite(error);
      } finally {
        await file.close();
      }
    },

    async whole(id, { headBytes = 0, signal }) {
      const file = await opened(id, constants.O_RDONLY);
      const summing = createSumming(headBytes);
      const memory = Buffer.allocUnsafe(READ_BYTES);
      try {
        for (;;) {
          signal?.throwIfAborted();
          const { bytesRead } = await file.read(memory, 0, READ_BYTES, summing.sizeBytes);
          if (bytesRead === 0) break;
          summing.add(memory.subarray(0, bytesRead));
        }
        return { ...summing.end(), ...placed(temporary(id), final(id)) };
      } catch (error) {
        throw explainedWrite(error);
      } finally {
        await file.close();
      }
    },

    discard: (id) => rm(temporary(id), { force: true }),
  };
}

/**
 * Returns the new length. Writes at its offset, not at the end: even two writers by mistake put each byte
 * where it belongs.
 */
async function write(
  file: FileHandle,
  offset: number,
  stream: AsyncIterable<Uint8Array>,
  { maxBytes, signal }: AppendOptions,
): Promise<number> {
  let length = offset;
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    const fits = chunk.subarray(0, maxBytes - length);
    await writeAll(file, fits, length);
    length += fits.length;
    if (fits.length < chunk.length) throw fileTooLarge(maxBytes);
  }
  signal?.throwIfAborted();
  return length;
}
