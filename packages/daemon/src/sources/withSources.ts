/** A store for jobs some of whose files are elsewhere: in a bucket, where they stay. */
import { originOf } from '../sql/origins.js';
import type { Pool } from '../sql/pool.js';
import type { Store } from '../storage/store.js';
import type { Sources } from './sources.js';

/** Calls for a job's id go to its object if it has one; removing such a job does not remove the object. */
export function withSources(store: Store, pool: Pool, sources: Sources): Store {
  return {
    ...store,
    async source(id) {
      const origin = await originOf(pool, id);
      return origin ? sources.source(origin) : store.source(id);
    },
    async head(id, bytes) {
      const origin = await originOf(pool, id);
      if (!origin) return store.head(id, bytes);
      const { received } = await sources.offered(origin.address, bytes, 0);
      await sources.assertExists(origin);
      return received.head;
    },
    async share(id, other) {
      const origin = await originOf(pool, id);
      if (!origin) return store.share(id, other);
      await sources.assertExists(origin);
    },
  };
}
