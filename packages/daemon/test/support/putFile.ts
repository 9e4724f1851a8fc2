/** A file in a store, received and committed. */
import type { Receive, Received } from '../../src/storage/received.js';
import type { Store } from '../../src/storage/store.js';

export async function putFile(
  store: Store,
  id: string,
  stream: AsyncIterable<Uint8Array>,
  options: Receive,
): Promise<Pick<Received, 'sizeBytes' | 'sha256'>> {
  const { sizeBytes, sha256, commit } = await store.receive(id, stream, options);
  await commit();
  return { sizeBytes, sha256 };
}
