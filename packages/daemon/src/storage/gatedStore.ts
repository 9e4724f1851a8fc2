/** A store that may not be used yet: until then, its calls fail with the reason, without asking it. */
import type { Store } from './store.js';

/** @param assertOpen throws the reason why the store may not be used yet */
export function gatedStore(store: Store, assertOpen: () => void): Store {
  const gated =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      assertOpen();
      return call(...args);
    };
  const { pieces } = store;
  return {
    ...store,
    identity: gated(store.identity),
    present: gated(store.present),
    writable: gated(store.writable),
    health: gated(store.health),
    receive: gated(store.receive),
    pieces: {
      begin: gated(pieces.begin),
      length: gated(pieces.length),
      append: gated(pieces.append),
      whole: gated(pieces.whole),
      discard: gated(pieces.discard),
    },
    source: gated(store.source),
    stat: gated(store.stat),
    head: gated(store.head),
    share: gated(store.share),
    remove: gated(store.remove),
    list: gated(store.list),
    parts: gated(store.parts),
    removePart: gated(store.removePart),
  };
}
