/**
 * Sends a stream as parts of a multipart upload, several at a time while the next one fills. Its memory is
 * limited to the parts that are being sent, and the one that fills.
 */
import type { Part } from './multipart.js';

export interface PartWriter {
  /**
   * Copies bytes; waits while the maximum number of parts is being sent. @throws what sending one has thrown
   */
  write(chunk: Uint8Array): Promise<void>;
  /** The bytes that do not make a full part yet. */
  rest(): Uint8Array;
  /** Resolves with all started parts, in order, once they are sent. @throws what sending one has thrown */
  sent(): Promise<Part[]>;
  /** Resolves when no part is being sent any more, whether they succeeded or not. */
  settled(): Promise<unknown>;
}

export interface PartWriterOptions {
  partBytes: number;
  /** The number of the first part. */
  first: number;
  /** Number of parts sent at a time; one more is in memory. */
  atOnce: number;
  /** Sends a part; its memory is not reused. */
  send: (number: number, body: Uint8Array) => Promise<Part>;
}

export function createPartWriter({ partBytes, first, atOnce, send }: PartWriterOptions): PartWriter {
  const onTheWay = new Set<Promise<unknown>>();
  const parts: Promise<Part>[] = [];
  let failed: { error: unknown } | undefined;
  let filling: Uint8Array[] = [];
  let filled = 0;

  const rest = () => Buffer.concat(filling);
  const begin = (body: Uint8Array) => {
    const part = send(first + parts.length, body);
    const done: Promise<unknown> = part.then(
      () => onTheWay.delete(done),
      (error) => {
        failed ??= { error };
        onTheWay.delete(done);
      },
    );
    onTheWay.add(done);
    parts.push(part);
  };
  const mayGoOn = () => {
    if (failed) throw failed.error;
  };
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) {
        mayGoOn();
        const taken = chunk.subarray(at, at + partBytes - filled);
        filling.push(Uint8Array.from(taken));
        filled += taken.length;
        at += taken.length;
        if (filled < partBytes) break;
        while (onTheWay.size >= atOnce) await Promise.race(onTheWay);
        mayGoOn();
        begin(rest());
        filling = [];
        filled = 0;
      }
    },
    rest,
    async sent() {
      await Promise.all(onTheWay);
      mayGoOn();
      return Promise.all(parts);
    },
    settled: () => Promise.all(onTheWay),
  };
}
