/** A reader of a job's events, over plain HTTP, that can pause reading. */
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type Progress, paths, progressSchema } from '@csvjobs/shared';

export interface StreamEvent {
  id: string;
  progress: Progress;
}

export interface EventStream {
  status: number;
  headers: IncomingHttpHeaders;
  events: StreamEvent[];
  /** The raw received text. */
  text: () => string;
  /** Resolves when the stream ends, for any reason. */
  over: Promise<void>;
  response: IncomingMessage;
}

export function openStream(url: string, jobId: string, lastEventId?: string): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    const request = get(url + paths.stream(jobId), { headers, agent: false }, (response) => {
      const events: StreamEvent[] = [];
      let text = '';
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop()!;
        for (const block of blocks) {
          const found = /^id: (.*)\ndata: (.*)$/.exec(block);
          if (found) events.push({ id: found[1]!, progress: progressSchema.parse(JSON.parse(found[2]!)) });
        }
      });
      response.on('error', () => {});
      const over = new Promise<void>((done) => response.on('close', done));
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        events,
        text: () => text,
        over,
        response,
      });
    });
    request.on('error', reject);
  });
}
