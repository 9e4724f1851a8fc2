/** Progress for programs: one JSON document per line (NDJSON). */

import { toJson } from '../text/text.js';
import type { Happening, Renderer } from './happening.js';

/** Minimum time between reports of sent bytes, in milliseconds: a socket takes thousands of chunks a second. */
const BYTES_EVERY = 300;

/**
 * Writes NDJSON to `write`.
 * @param names the files' (or jobs') names by lane
 */
export function jsonRenderer(write: (text: string) => void, names: readonly string[]): Renderer {
  let bytesAt = Number.NEGATIVE_INFINITY;
  return {
    tell(happening) {
      if (happening.type === 'job') return;
      if (happening.type === 'uploading' && happening.sentBytes !== happening.totalBytes) {
        if (performance.now() - bytesAt < BYTES_EVERY) return;
        bytesAt = performance.now();
      }
      write(`${toJson(record(happening, names[happening.lane] ?? ''))}\n`);
    },
    async close() {},
  };
}

function record(happening: Happening, file: string): Record<string, unknown> {
  const { type } = happening;
  switch (happening.type) {
    case 'uploading':
      return { type, file, sentBytes: happening.sentBytes, totalBytes: happening.totalBytes ?? null };
    case 'retrying':
      return { type, file, reason: happening.reason };
    case 'continuing':
      return { type, file, sentBytes: happening.sentBytes, totalBytes: happening.totalBytes ?? null };
    case 'uploaded':
      return { type, file, jobId: happening.jobId, earlier: happening.earlier ?? null };
    case 'reading': {
      const { readBytes, totalBytes, pass } = happening.reading;
      return { type, jobId: happening.jobId, readBytes, totalBytes, pass };
    }
    case 'progress':
      return { type, ...happening.progress };
    case 'reconnecting':
      return { type, jobId: happening.jobId, reason: happening.reason };
    case 'connected':
      return { type, jobId: happening.jobId };
    case 'done':
      return { type, jobId: happening.job.id, exitCode: happening.exitCode, job: happening.job };
    case 'error':
      return {
        type,
        file,
        ...(happening.jobId !== undefined && { jobId: happening.jobId }),
        ...happening.error.toJSON(),
      };
    case 'job':
      return { type, job: happening.job };
  }
}
