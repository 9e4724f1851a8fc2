/** What is needed of an ioredis client of its own (a client that subscribes can do nothing else). */
export interface Subscriber {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
}

/** How soon a subscription that was refused is asked for again, in ms. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * Keeps a client subscribed to a channel: again after each reconnection, and again each second where Redis refuses it.
 * Calls `subscribed` each time that messages begin to arrive, `lost` each time that they end, `refused` at each refusal. The
 * function that it returns ends all that.
 */
export function keepSubscribed(
  redis: Subscriber,
  channel: string,
  on: { subscribed?: () => void; lost?: () => void; refused?: (error: Error) => void } = {},
): () => void {
  let again: NodeJS.Timeout | undefined;
  let ended = false;
  const subscribe = () => {
    clearTimeout(again);
    redis.subscribe(channel).then(
      () => {
        if (!ended) on.subscribed?.();
      },
      (error: Error) => {
        if (ended) return;
        on.refused?.(error);
        clearTimeout(again);
        // A connection that has ended meanwhile subscribes when it is ready again.
        again = setTimeout(() => redis.status === 'ready' && subscribe(), REFUSED_PAUSE_MS);
      },
    );
  };
  const onClose = () => {
    clearTimeout(again);
    on.lost?.();
  };
  redis.on('ready', subscribe);
  redis.on('close', onClose);
  if (redis.status === 'ready') subscribe();
  return () => {
    ended = true;
    clearTimeout(again);
    redis.off('ready', subscribe);
    redis.off('close', onClose);
  };
}
