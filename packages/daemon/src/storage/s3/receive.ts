/** Receives a file: parts are sent while a large file arrives; on commit the complete object appears. */
import { randomUUID } from 'node:crypto';
import { fileExists } from '../fileExists.js';
import { fileTooLarge } from '../fileTooLarge.js';
import type { Receive, Received } from '../received.js';
import { createSumming } from '../summing.js';
import { explainedS3 } from './failures.js';
import { type Multipart, partBytesFor } from './multipart.js';
import type { Objects } from './objects.js';
import { createPartWriter } from './partWriter.js';

/** With the one that fills, four are in memory. */
const SENT_AT_ONCE = 3;

/**
 * @throws {Failure} `file_too_large`, `disk_full`, `unavailable`; the stream's own errors; the signal's
 * reason. Then nothing is left.
 */
export async function receiveObject(
  { objects, multipart }: { objects: Objects; multipart: Multipart },
  key: string,
  stream: AsyncIterable<Uint8Array>,
  { maxBytes, headBytes, signal }: Receive,
): Promise<Received> {
  const summing = createSumming(headBytes);
  const metadata = { upload: randomUUID() };
  let starting: Promise<string> | undefined;
  let uploadId: string | undefined;
  const writer = createPartWriter({
    ...{ partBytes: partBytesFor(maxBytes), first: 1, atOnce: SENT_AT_ONCE },
    send: async (number, body) => {
      starting ??= multipart.begin(key, metadata);
      uploadId = await starting;
      return multipart.send(key, uploadId, number, body, signal);
    },
  });
  const discard = async () => {
    await writer.settled();
    if (uploadId !== undefined) await multipart.abort(key, uploadId);
  };
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      if (summing.sizeBytes + chunk.length > maxBytes) throw fileTooLarge(maxBytes);
      summing.add(chunk);
      await writer.write(chunk);
    }
    signal?.throwIfAborted();
  } catch (error) {
    // What cannot be aborted now is found as a part later.
    await discard().catch(() => {});
    signal?.throwIfAborted();
    throw explainedS3(error);
  }

  const commit = async () => {
    const rest = writer.rest();
    if (starting === undefined) {
      if (!(await objects.put(key, rest, { free: true, metadata }))) await assertOurs();
      return;
    }
    const parts = await writer.sent();
    const last = rest.length > 0 ? [await multipart.send(key, uploadId!, parts.length + 1, rest)] : [];
    if (!(await multipart.complete(key, uploadId!, [...parts, ...last], true))) await assertOurs();
  };
  /** A request whose answer was lost is repeated, and then finds its own result. */
  const assertOurs = async () => {
    if ((await objects.head(key))?.metadata.upload !== metadata.upload) throw fileExists();
  };
  return {
    ...summing.end(),
    discard,
    commit: () =>
      commit().catch(async (error) => {
        await discard().catch(() => {});
        throw error;
      }),
  };
}
