/**
 * Places that requests hold while they last: uploads, downloads of reports, bytes of answers that are still to be taken.
 * All of them are bounded, and no caller can take them all.
 */

/** Of all places this part is for callers that hold none: who holds many cannot keep the others out. */
const RESERVED = 1 / 4;

export interface Places {
  /**
   * Takes places for a caller. Returns what gives them back, or undefined where none are free for this caller. What needs
   * more than there are is let in alone.
   */
  take(caller: string, places?: number): (() => void) | undefined;
}

/** @param total how many there are; Infinity for no bound */
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
