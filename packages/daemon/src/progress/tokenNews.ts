/**
 * Notifies all other processes that a token was created or revoked: a Redis message without content.
 * Receivers then query PostgreSQL. As with progress, this is best effort: a process that misses it checks at
 * its next heartbeat.
 */
import { keepSubscribed } from '../redis/keepSubscribed.js';
import type { PublishingRedis } from './publish.js';
import type { SubscribingRedis } from './subscribe.js';

export interface TokenNews {
  /** Notifies all processes; neither blocks nor throws. */
  send(): void;
  /** Calls back for each message, and whenever messages may have been lost: at each connection. */
  onNews(listener: () => void): void;
  close(): void;
}

/**
 * @param redis one client that publishes, and one that subscribes, which may have other subscriptions too
 * @param onError called for each message that cannot be sent, and for a refused subscription, once for each
 * reason
 */
export function createTokenNews(
  redis: { publishing: PublishingRedis; subscribing: SubscribingRedis },
  { channel, onError }: { channel: string; onError: (error: Error) => void },
): TokenNews {
  const { publishing, subscribing } = redis;
  const listeners: (() => void)[] = [];
  let refusal = '';
  const tellAll = () => {
    for (const listener of listeners) listener();
  };
  const onMessage = (from: string) => {
    if (from === channel) tellAll();
  };
  subscribing.on('message', onMessage);
  const stop = keepSubscribed(subscribing, channel, {
    subscribed: () => {
      refusal = '';
      tellAll();
    },
    refused: (error) => {
      if (error.message !== refusal) onError(error);
      refusal = error.message;
    },
  });

  const publish = async () => {
    // An unconnected client would keep the message until it connects, when all processes check anyway.
    if (publishing.status !== 'ready') throw new Error(`Redis is not connected (${publishing.status})`);
    await publishing.publish(channel, '');
  };

  return {
    send: () => void publish().catch(onError),
    onNews: (listener) => {
      listeners.push(listener);
    },
    close: () => {
      subscribing.off('message', onMessage);
      stop();
    },
  };
}
