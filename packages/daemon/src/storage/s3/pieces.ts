/**
 * Uploads in pieces, in S3: one multipart upload with parts of equal size, and two small objects beside it.
 * `<id>.upload` says that there is an upload, and which; `<id>.tail` has the bytes that do not fill a part
 * yet, and their offset, so that a tail left by a process that died is recognized as old.
 *
 * Parts of an unfinished upload cannot be read. So `whole` completes it: the object then exists, but does not
 * count as a file of the store as long as `<id>.upload` exists, which the commit removes.
 */
import { fileTooLarge } from '../fileTooLarge.js';
import { type AppendOptions, offsetMismatch, type Pieces, piecesMissing } from '../pieces.js';
import { createSumming } from '../summing.js';
import { continued } from './chunks.js';
import { explainedS3 } from './failures.js';
import { type Multipart, type Part, partBytesFor } from './multipart.js';
import type { ObjectFacts, Objects } from './objects.js';
import { createPartWriter } from './partWriter.js';

export interface PiecesBucket {
  objects: Objects;
  multipart: Multipart;
  /** The key of a file, and those of the two objects beside it. */
  keys: { file(id: string): string; upload(id: string): string; tail(id: string): string };
  present(): Promise<void>;
}

/** The durable part of an upload. */
interface State {
  uploadId: string;
  /** From the first on, without a gap. */
  parts: Part[];
  /** Bytes in parts. */
  inParts: number;
  tail: Buffer;
  /** The object, if the upload has been completed. */
  object?: ObjectFacts | undefined;
}

export function createS3Pieces({ objects, multipart, keys, present }: PiecesBucket): Pieces {
  async function stateOf(id: string): Promise<State | undefined> {
    const uploadId = (await objects.get(keys.upload(id)))?.toString();
    if (uploadId === undefined) return undefined;
    const listed = await multipart.parts(keys.file(id), uploadId);
    const object = listed ? undefined : await objects.head(keys.file(id));
    if (!listed && !object) return undefined;
    const parts = (listed ?? []).filter(({ number }, at) => number === at + 1);
    const inParts = parts.reduce((sum, { size }) => sum + size, 0);
    return { uploadId, parts, inParts, tail: object ? Buffer.alloc(0) : await tailAt(id, inParts), object };
  }

  /** The tail that starts at this offset; any other tail has become a part since. */
  async function tailAt(id: string, offset: number): Promise<Buffer> {
    const body = await objects.get(keys.tail(id));
    if (!body || body.length < OFFSET_BYTES || Number(body.readBigUInt64LE()) !== offset)
      return Buffer.alloc(0);
    return body.subarray(OFFSET_BYTES);
  }

  async function keepTail(id: string, offset: number, tail: Uint8Array): Promise<void> {
    const start = Buffer.alloc(OFFSET_BYTES);
    start.writeBigUInt64LE(BigInt(offset));
    await objects.put(keys.tail(id), Buffer.concat([start, tail]));
  }

  async function discard(id: string): Promise<void> {
    const uploadId = (await objects.get(keys.upload(id)))?.toString();
    if (uploadId === undefined) return objects.remove(keys.tail(id));
    await multipart.abort(keys.file(id), uploadId);
    await Promise.all([objects.remove(keys.file(id)), objects.remove(keys.tail(id))]);
    await objects.remove(keys.upload(id));
  }

  /** The state of an upload that can still grow. @throws {Failure} `pieces_missing`, `offset_mismatch` */
  async function growing(id: string, offset: number): Promise<State> {
    const state = await stateOf(id);
    if (!state) throw piecesMissing(id);
    const length = lengthOf(state);
    if (length !== offset) throw offsetMismatch(id, offset, length);
    return state;
  }

  return {
    async begin(id) {
      await present();
      const key = keys.file(id);
      const uploadId = await multipart.begin(key);
      const begun = await objects
        .put(keys.upload(id), Buffer.from(uploadId), { free: true })
        .catch(async (error) => {
          await multipart.abort(key, uploadId).catch(() => {});
          throw error;
        });
      if (begun) return;
      await multipart.abort(key, uploadId);
      throw Object.assign(new Error(`there is an upload ${id} already`), { code: 'EEXIST' });
    },

    async length(id) {
      const state = await stateOf(id);
      return state && lengthOf(state);
    },

    async append(id, offset, stream, { maxBytes, signal }: AppendOptions) {
      await present();
      const { uploadId, parts, inParts, tail, object } = await growing(id, offset);
      const key = keys.file(id);
      const sending = createPartWriter({
        // One at a time: otherwise, another upload's piece could fill a gap between parts.
        ...{ partBytes: partBytesFor(maxBytes), first: parts.length + 1, atOnce: 1 },
        send: (number, body) => multipart.send(key, uploadId, number, body),
      });
      let length = offset;
      let broken: { error: unknown } | undefined;
      try {
        await sending.write(tail);
        for await (const chunk of stream) {
          signal?.throwIfAborted();
          if (object && chunk.length > 0) throw offsetMismatch(id, offset, length);
          const fits = chunk.subarray(0, maxBytes - length);
          await sending.write(fits);
          length += fits.length;
          if (fits.length < chunk.length) throw fileTooLarge(maxBytes);
        }
        signal?.throwIfAborted();
      } catch (error) {
        broken = { error };
      }
      try {
        const sent = await sending.sent();
        const rest = sending.rest();
        // An old tail is still correct if nothing was added to it.
        if (length > offset && rest.length > 0)
          await keepTail(id, inParts + sent.reduce((sum, { size }) => sum + size, 0), rest);
      } catch (error) {
        broken ??= { error };
      }
      if (broken) throw explainedS3(broken.error);
      return length;
    },

    async whole(id, { headBytes = 0, signal }) {
      const state = await stateOf(id);
      if (!state) throw piecesMissing(id);
      const key = keys.file(id);
      if (!state.object) await makeObject(key, state, { objects, multipart });
      const facts = await objects.head(key);
      if (!facts) throw piecesMissing(id);
      const { bucket } = objects.bucket;
      const summing = createSumming(headBytes);
      for await (const piece of continued(
        objects,
        { bucket, key, etag: facts.etag, size: facts.size },
        0,
        signal,
      ))
        summing.add(piece);
      signal?.throwIfAborted();
      return {
        ...summing.end(),
        discard: () => discard(id),
        commit: async () => {
          try {
            await objects.remove(keys.upload(id));
          } catch (error) {
            await discard(id).catch(() => {});
            throw error;
          }
          // If it cannot be removed now, it is found as a part later.
          await objects.remove(keys.tail(id)).catch(() => {});
        },
      };
    },

    discard,
  };
}

const OFFSET_BYTES = 8;

function lengthOf({ inParts, tail, object }: State): number {
  return object ? object.size : inParts + tail.length;
}

/** Another process can safely repeat this: the result is the same object. */
async function makeObject(
  key: string,
  { uploadId, parts, tail }: State,
  { objects, multipart }: Pick<PiecesBucket, 'objects' | 'multipart'>,
): Promise<void> {
  if (parts.length === 0) {
    await objects.put(key, tail);
    return multipart.abort(key, uploadId);
  }
  const last = tail.length > 0 ? [await multipart.send(key, uploadId, parts.length + 1, tail)] : [];
  await multipart.complete(key, uploadId, [...parts, ...last], false);
}
