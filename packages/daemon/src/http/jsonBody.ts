import type { Context } from 'koa';
import type { z } from 'zod';
import { refuse } from './problems.js';

/** Larger than any JSON that most calls take. */
const MAX_BYTES = 16 * 1024;

/**
 * Reads the body of a request as JSON and checks it against a schema.
 * @param maxBytes maximum size of the body; 16 KiB by default
 * @throws {Failure} `not_json` for another media type (which a web page could send without permission),
 * `bad_request` otherwise
 */
export async function jsonBody<T extends z.ZodType>(
  ctx: Context,
  schema: T,
  maxBytes = MAX_BYTES,
): Promise<z.output<T>> {
  if (!ctx.is('application/json')) throw refuse('not_json', 'send JSON, with Content-Type: application/json');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refuse('bad_request', `the body has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw refuse('bad_request', 'the body is not JSON', error);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`);
  throw refuse('bad_request', wrong.join('; '));
}
