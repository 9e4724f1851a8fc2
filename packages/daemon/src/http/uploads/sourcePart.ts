/** An upload that names its file: `?source=s3://bucket/key`, with the spec, if any, as its body. */
import { MAX_SPEC_BYTES } from '@csvjobs/shared';
import type { Context } from 'koa';
import { refuse } from '../problems.js';

/** @throws {Failure} `bad_request` */
export function sourceIn({ query: { source } }: Context): string | undefined {
  if (Array.isArray(source)) throw refuse('bad_request', 'source can be used only once');
  if (source === '')
    throw refuse('bad_request', 'source is empty; name an object, such as source=s3://bucket/key');
  return source;
}

/**
 * @throws {Failure} `bad_request` for a form, which has a file of its own; `spec_invalid` if it is too long
 */
export async function specBody(ctx: Context): Promise<Uint8Array> {
  if (ctx.is('multipart/form-data'))
    throw refuse('bad_request', 'with source there is no file to send: the body is the spec, or empty');
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of ctx.req as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_SPEC_BYTES)
      throw refuse('spec_invalid', `the spec has more than ${MAX_SPEC_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
