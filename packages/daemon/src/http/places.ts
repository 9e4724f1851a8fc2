/**
 * Places that requests hold while they last: uploads, report downloads, bytes of answers that are not yet
 * taken. Their number is limited, and no caller can take all of them.
 */

/**
 * This fraction of all places is reserved for callers that hold none, so that a caller with many cannot keep
 * others out.
 */
const RESERVED = 1 / 4;

export interface Places {
  /**
   * Takes places for a caller. Returns a function that releases them, or undefined if none are free for this
   * caller. A request for more places than exist is let in only when no other holds any.
   */
  take(caller: string, places?: number): (() => void) | undefined;
}

/** @param total number of places; Infinity for no limit */
export function createPlaces(total: number): Places {
  const reserved = Number.isFinite(total) ? Math.floor(total * RESERVED) : 0;
  const held = new Map<string, number>();
  let used = 0;

  const change = (caller: string, by: number) => {
    const now = (held.get(caller) ?? 0) + by;
    used += by;
    if (now === 0) held.delete(caller);
    else held.set(caller, now);
  };

  return {
    take(caller, places = 1) {
      const most = held.has(caller) ? total - reserved : total;
      if (used > 0 && used + places > most) return undefined;
      change(caller, places);
      let given = false;
      return () => {
        if (!given) change(caller, -places);
        given = true;
      };
    },
  };
}
