/**
 * Holds every answer of the tests against the description of the API: an address, method, status, media type or body
 * that is not in it fails the test file that got it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from '@csvjobs/shared';
import { z } from 'zod';
import { describeApi } from '../../src/http/openapi.js';

interface Media {
  schema: object;
}
interface Description {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, Media> }> }>>;
  components: { schemas: Record<string, object> };
}

const description = describeApi('0') as Description;

/** Schemas by the text of their JSON Schema: making one anew for each answer would be slow. */
const made = new Map<string, z.ZodType>();

type Handle = (req: IncomingMessage, res: ServerResponse) => void;

/** Wraps a handler; what is not as described is put into `violations`. */
export function watchAnswers(handle: Handle, violations: string[]): Handle {
  return (req, res) => {
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    };
    const { write, end } = res;
    res.write = ((...args: Parameters<typeof write>) => {
      keep(args[0]);
      return write.apply(res, args);
    }) as typeof write;
    res.end = ((...args: Parameters<typeof end>) => {
      keep(args[0]);
      return end.apply(res, args);
    }) as typeof end;
    const { method = '', url = '' } = req;
    res.once('finish', () => {
      const wrong = check(method, url, res, Buffer.concat(chunks));
      if (wrong) violations.push(`${method} ${url} ${res.statusCode}: ${wrong}`);
    });
    handle(req, res);
  };
}

function check(method: string, url: string, res: ServerResponse, body: Buffer): string | undefined {
  const type = String(res.getHeader('content-type') ?? '').replace(/;.*/, '');
  const path = new URL(url, 'http://x').pathname;
  const template = Object.keys(description.paths).find((each) => pattern(each).test(path));
  const call = template && description.paths[template]![method === 'HEAD' ? 'get' : method.toLowerCase()];
  // An address or method that is not described can only be refused; a browser's preflight has no body.
  if (!call) {
    if (method === 'OPTIONS' && res.statusCode < 300) return undefined;
    return type === PROBLEM_MEDIA_TYPE
      ? checkBody({ $ref: '#/components/schemas/Problem' }, body, method)
      : 'not described';
  }
  const answer = call.responses[res.statusCode];
  if (!answer) return `the status is not described: ${body}`;
  if (!answer.content) return body.length === 0 ? undefined : 'has a body, and none is described';
  if (res.statusCode === 304) return undefined;
  const media = answer.content[type];
  if (!media) return `its media type ${type} is not described`;
  return /[/+]json$/.test(type) ? checkBody(media.schema, body, method) : undefined;
}

function checkBody(schema: object, body: Buffer, method: string): string | undefined {
  if (method === 'HEAD') return undefined;
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas });
  let validator = made.get(text);
  if (!validator) {
    validator = z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
    made.set(text, validator);
  }
  const parsed = validator.safeParse(JSON.parse(body.toString()));
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}

function pattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replace('{id}', '[^/]+')}$`);
}
