import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer as it was sent. */
export interface Answer {
  method: string;
  url: string;
  status: number;
  headers: Record<string, string>;
  /** False where the connection ended before the answer. */
  whole: boolean;
  /** Its text, without compression; undefined where it was not kept. */
  body?: string | undefined;
}

export function record(req: IncomingMessage, res: ServerResponse, tell: (answer: Answer) => void): void;
