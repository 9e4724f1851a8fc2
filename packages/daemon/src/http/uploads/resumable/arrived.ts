/**
 * An upload all of whose bytes have arrived, even if an earlier try has already moved it to its final place.
 */
import type { Received } from '../../../storage/received.js';
import type { Store } from '../../../storage/store.js';
import { createSumming } from '../../../storage/summing.js';
import { refuse } from '../../problems.js';

/** Number of durable bytes of an upload. @throws {Failure} `upload_not_found` if there are none */
export async function offsetOf(storage: Pick<Store, 'pieces' | 'stat'>, id: string): Promise<number> {
  return (await storage.pieces.length(id)) ?? (await placedSize(storage, id));
}

/** The file of an upload, as `receive` returns it. @throws {Failure} `upload_not_found` */
export async function arrived(storage: Store, id: string, headBytes: number): Promise<Received> {
  if ((await storage.pieces.length(id)) !== undefined) return storage.pieces.whole(id, { headBytes });
  // The daemon was killed after it placed the file and before it inserted the job's row.
  await placedSize(storage, id);
  const summing = createSumming(headBytes);
  for await (const chunk of storage.open(id) as AsyncIterable<Buffer>) summing.add(chunk);
  return { ...summing.end(), commit: async () => {}, discard: () => storage.remove(id) };
}

/** The size of a file in its final place. */
async function placedSize(storage: Pick<Store, 'stat'>, id: string): Promise<number> {
  try {
    return (await storage.stat(id)).sizeBytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noSuchUpload(id);
    throw error;
  }
}

export function noSuchUpload(id: string): Error {
  return refuse(
    'upload_not_found',
    `there is no upload ${JSON.stringify(id)} of this token; it may have expired (UPLOAD_EXPIRY): start again with POST /api/uploads`,
  );
}
