/** An upload whose bytes are all there, also where an earlier try has given it its place already. */
import type { Received } from '../../../storage/received.js';
import type { Store } from '../../../storage/store.js';
import { createSumming } from '../../../storage/summing.js';
import { refuse } from '../../problems.js';

/** How many bytes of an upload are durable. @throws {Failure} `upload_not_found` where there is nothing of it */
export async function offsetOf(storage: Pick<Store, 'pieces' | 'stat'>, id: string): Promise<number> {
  return (await storage.pieces.length(id)) ?? (await placedSize(storage, id));
}

/** The file of an upload, as `receive` returns it. @throws {Failure} `upload_not_found` */
export async function arrived(storage: Store, id: string, headBytes: number): Promise<Received> {
  if ((await storage.pieces.length(id)) !== undefined) return storage.pieces.whole(id, { headBytes });
  // The daemon was ended between the file's place and the job's row.
  await placedSize(storage, id);
  const summing = createSumming(headBytes);
  for await (const chunk of storage.open(id) as AsyncIterable<Buffer>) summing.add(chunk);
  return { ...summing.end(), commit: async () => {}, discard: () => storage.remove(id) };
}

/** The size of a file that has its place. */
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
