/** A stream of the daemon's that is had again whenever it can be. */
import { EventSource } from 'eventsource';
import type { DaemonClient } from './daemonClient.js';
import { lostReason } from './networkError.js';

/** Milliseconds before a fresh EventSource, and between two looks by other means while there is no stream. */
export const POLL_INTERVAL = 1_000;

export interface StreamListener {
  message(data: string): void;
  lost(reason: string): void;
  connected(): void;
}

/**
 * An EventSource that is made anew after each HTTP error.
 * @param types the events that are listened to, by their `event` field
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
        listener.message(data);
      });
    source.onerror = ({ code, message }) => {
      lost = true;
      listener.lost(code === undefined ? lostReason(message ?? 'the stream ended') : `HTTP ${code}`);
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
