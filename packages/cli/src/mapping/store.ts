/** The screen's state as a store: it accepts actions, notifies the views, and passes on what the state requests. */
import { next } from './screen.js';
import type { Action, ScreenState, Wish } from './state.js';

export interface ScreenStore {
  subscribe(listener: () => void): () => void;
  state(): ScreenState;
  send(action: Action): void;
}

/**
 * @param changed called after each action that changed the mapping
 * @param wished called with what the state requests
 */
export function createStore(
  first: ScreenState,
  { changed, wished }: { changed(state: ScreenState): void; wished(wish: Wish, state: ScreenState): void },
): ScreenStore {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    state: () => state,
    send(action) {
      const before = state;
      state = next(before, action);
      if (state.sources !== before.sources) changed(state);
      for (const listener of listeners) listener();
      if (state.wish) wished(state.wish, state);
    },
  };
}
