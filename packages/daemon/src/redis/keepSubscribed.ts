/** The part of a dedicated ioredis client that is needed (a client that subscribes can do nothing else). */
export interface Subscriber {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
  on(event: 'ready' | 'close', listener: () => void): unknown;
  off(event: 'ready' | 'close', listener: () => void): unknown;
}

/** Delay before a refused subscription is retried, in ms. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * Keeps a client subscribed to a channel: again after each reconnection, and again each second if Redis
 * refuses it. Calls `subscribed` each time messages start to arrive, `lost` each time they stop, `refused` at
 * each refusal. The returned function stops it.
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
        // A connection that was closed meanwhile subscribes when it is ready again.
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
