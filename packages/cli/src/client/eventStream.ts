/** A stream of the daemon that reopens whenever it can. */
import { EventSource } from 'eventsource';
import type { DaemonClient } from './daemonClient.js';
import { lostReason } from './networkError.js';

/** Milliseconds before a new EventSource is made, and between polls while there is no stream. */
export const POLL_INTERVAL = 1_000;

/** What stops an EventSource for good (WHATWG HTML, 9.2.1). */
const NOTHING_FOLLOWS = 204;

export interface StreamListener {
  /** @param type the event's `event` field; `message` if it has none */
  message(data: string, type: string): void;
  lost(reason: string): void;
  connected(): void;
  /** The daemon says that nothing follows the last event (204). The stream is reopened in case something does. */
  ended(): void;
}

/**
 * Opens an EventSource, and a new one after each HTTP error.
 * @param types the events to listen to, by their `event` field
 */
export function openStream(
  client: DaemonClient,
  path: string,
  types: readonly string[],
  listener: StreamListener,
): { close(): void } {
  let source: EventSource | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastEventId = '';
  let lost = false;
  let closed = false;

  const connect = () => {
    const fetch = client.streamFetch(() => (lastEventId === '' ? {} : { 'last-event-id': lastEventId }));
    source = new EventSource(client.at(path), { fetch });
    source.onopen = () => {
      if (lost) listener.connected();
      lost = false;
    };
    for (const type of types)
      source.addEventListener(type, ({ data, lastEventId: eventId }) => {
        if (eventId !== '') lastEventId = eventId;
        listener.message(data, type);
      });
    source.onerror = ({ code, message }) => {
      if (code === NOTHING_FOLLOWS) {
        listener.ended();
      } else {
        lost = true;
        listener.lost(code === undefined ? lostReason(message ?? 'the stream ended') : `HTTP ${code}`);
      }
      if (source?.readyState !== EventSource.CLOSED || closed) return;
      timer = setTimeout(connect, POLL_INTERVAL);
    };
  };
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      source?.close();
    },
  };
}
