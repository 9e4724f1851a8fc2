/** Progress for programs: one JSON document per line (NDJSON). */

import type { Output } from '../context.js';
import { toJson } from '../text/text.js';
import type { Renderer, ViewEvent } from './viewEvent.js';

/** Minimum time between reports of sent bytes, in milliseconds: a socket takes thousands of chunks a second. */
const BYTES_EVERY = 300;

/**
 * Writes NDJSON.
 * @param names the files' (or jobs') names by lane
 */
export function jsonRenderer(
  { stream, typed }: Pick<Output, 'stream' | 'typed'>,
  names: readonly string[],
): Renderer {
  let bytesAt = Number.NEGATIVE_INFINITY;
  return {
    handle(event) {
      if (event.type === 'job') return;
      if (event.type === 'uploading' && event.sentBytes !== event.totalBytes) {
        if (performance.now() - bytesAt < BYTES_EVERY) return;
        bytesAt = performance.now();
      }
      stream.write(`${toJson(record(event, names[event.lane] ?? '', typed))}\n`);
    },
    async close() {},
  };
}

function record(event: ViewEvent, file: string, typed: Output['typed']): Record<string, unknown> {
  const { type } = event;
  switch (event.type) {
    case 'uploading':
      return { type, file, sentBytes: event.sentBytes, totalBytes: event.totalBytes ?? null };
    case 'retrying':
      return { type, file, reason: event.reason };
    case 'continuing':
      return { type, file, sentBytes: event.sentBytes, totalBytes: event.totalBytes ?? null };
    case 'uploaded':
      return { type, file, jobId: event.jobId, earlier: event.earlier ?? null };
    case 'reading': {
      const { readBytes, totalBytes, pass } = event.reading;
      return { type, jobId: event.jobId, readBytes, totalBytes, pass };
    }
    case 'progress':
      return { type, ...event.progress };
    case 'reconnecting':
      return { type, jobId: event.jobId, reason: event.reason };
    case 'connected':
      return { type, jobId: event.jobId };
    case 'done':
      return { type, jobId: event.job.id, exitCode: event.exitCode, job: event.job };
    case 'error':
      return {
        type,
        file,
        ...(event.jobId !== undefined && { jobId: event.jobId }),
        error: event.error.document(typed),
      };
    case 'job':
      return { type, job: event.job };
  }
}
