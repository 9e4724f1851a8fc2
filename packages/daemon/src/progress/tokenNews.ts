/**
 * That a token was made or revoked, from the process that did it to all others: a word of Redis without content. Who hears it
 * looks into PostgreSQL. As with progress, telling is a courtesy: whoever misses it looks at its next heartbeat.
 */
import { keepSubscribed } from '../redis/keepSubscribed.js';
import type { PublishingRedis } from './publish.js';
import type { SubscribingRedis } from './subscribe.js';

export interface TokenNews {
  /** Tells all processes; neither blocks nor throws. */
  send(): void;
  /** Calls back at each word, and whenever words may have been lost: at each connection. */
  onNews(listener: () => void): void;
  close(): void;
}

/**
 * @param redis one client that publishes, and one that subscribes, which may have other subscriptions too
 * @param onError told of each word that cannot be sent, and of a subscription that is refused, once for each reason
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
    // A client that is not connected would keep the word until it is, when everybody looks anyway.
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
