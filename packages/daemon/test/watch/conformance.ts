/**
 * Compares a response with the API description: a path, method, status, header, media type or body that is
 * not described is a violation.
 */
import { isFinal, PROBLEM_MEDIA_TYPE } from '@csvjobs/shared';
import { z } from 'zod';
import { describeApi } from '../../src/http/description/openapi.js';
import type { Answer } from './recorder.mjs';

interface Described {
  content?: Record<string, { schema: Schema }>;
  headers?: Record<string, { required?: boolean }>;
}
type Schema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;
interface Description {
  paths: Record<string, Record<string, { responses: Record<string, Described> }>>;
  components: { schemas: Record<string, Schema> };
}

const description = describeApi('0') as Description;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/**
 * Schemas by the text of their JSON Schema, without the components: building one for each response would be
 * slow.
 */
const made = new Map<string, z.ZodType>();
const $defs = inDefs(description.components.schemas);

/** Those without a parameter first: /api/jobs/stream is not a job. */
const templates = Object.keys(description.paths)
  .sort((one, other) => one.split('{').length - other.split('{').length)
  .map((template) => ({ template, form: pattern(template) }));

/** The violation of a response, or undefined. */
export function violation(answer: Answer): string | undefined {
  const wrong = check(answer);
  return wrong && `${answer.method} ${answer.url} ${answer.status}: ${wrong}`;
}

function check(answer: Answer): string | undefined {
  const { method, url, status, headers, body } = answer;
  for (const name of ['x-request-id', 'csvjobs-version'])
    if (!headers[name]) return `the header ${name} is missing`;
  const type = (headers['content-type'] ?? '').replace(/;.*/, '');
  // An absolute URL with an empty path means the front page (RFC 3986, section 6.2.3).
  const path = url.replace(/^https?:\/\/[^/?]*/i, '').replace(/[?#].*/s, '') || '/';
  const template = templates.find(({ form }) => form.test(path))?.template;
  const calls = template && description.paths[template];
  // HEAD is described on its own only where it differs from GET.
  const call = calls && (calls[method.toLowerCase()] ?? (method === 'HEAD' ? calls.get : undefined));
  // An undescribed path or method can only be refused; a browser's preflight has no body.
  if (!call) {
    if (method === 'OPTIONS' && status < 300) return undefined;
    return type === PROBLEM_MEDIA_TYPE ? checkJson(ref('Problem'), answer) : 'not described';
  }
  const described = call.responses[status];
  if (!described) return `the status is not described: ${body}`;
  for (const [name, { required }] of Object.entries(described.headers ?? {}))
    if (required && !headers[name.toLowerCase()]) return `the header ${name} is missing`;
  if (!described.content) return body ? 'has a body, and none is described' : undefined;
  const media = described.content[type];
  if (!media) return `its media type ${type} is not described`;
  if (type === 'text/event-stream') return checkEvents(media.schema, body) ?? checkEventIds(body);
  // Rows of any table, instead of rejects.
  const ofRows = template.includes('/rows.');
  if (type === 'text/csv') return checkCsv(answer, ofRows ? /^./ : /^rowNumber,(.*,)?error$/);
  if (type === 'application/x-ndjson')
    return checkLines(ofRows ? { type: 'object' } : ref('Rejection'), body);
  return /[/+]json$/.test(type) ? checkJson(media.schema, answer) : undefined;
}

function checkJson(schema: Schema, { method, whole, body }: Answer): string | undefined {
  if (method === 'HEAD' || !whole || body === undefined) return undefined;
  return checkText(schema, body);
}

/** Each complete event. */
function checkEvents(schema: Schema, body = ''): string | undefined {
  const events = [...body.matchAll(/^data: (.*)\n\n/gm)];
  return events.map(([, data]) => checkText(schema, data!)).find((wrong) => wrong !== undefined);
}

/**
 * The ID of a job's event is its state, and of a final one its attempt too: a client that reconnects gets
 * what differs.
 */
function checkEventIds(body = ''): string | undefined {
  for (const [, id, data] of body.matchAll(/^id: (.*)\ndata: (.*)\n\n/gm)) {
    const { status, processedRows, totalRows } = JSON.parse(data!);
    const state = `${status}-${processedRows}-${totalRows}`;
    const known = isFinal(status)
      ? /^-\d+$/.test(id!.slice(state.length)) && id!.startsWith(state)
      : id === state;
    if (!known) return `the id ${id} is not the state ${data}`;
  }
  return undefined;
}

/**
 * RFC 4180, except for its line ends: LF (reportForms.ts); the table's columns are between the row number and
 * the error.
 */
function checkCsv({ method, url, headers, whole, body }: Answer, header: RegExp): string | undefined {
  if (method === 'HEAD' || !whole || body === undefined) return undefined;
  // For spreadsheets a header has a byte order mark; a resumed part has neither.
  const mark = /[?&]safe=spreadsheet/.test(url) && !/[?&]after=[1-9]/.test(url) ? '\ufeff' : '';
  if (!body.startsWith(mark)) return 'has no byte order mark';
  const records = body
    .slice(mark.length)
    .replace(/"(?:[^"]|"")*"/g, '')
    .split('\n');
  if (records.pop() !== '') return 'its last record has no line end';
  if (records.some((record) => record.includes('\r'))) return 'has CR at the end of a line';
  if (/; header=present$/.test(headers['content-type'] ?? '') && !header.test(records[0]!))
    return `its header is ${records[0]}`;
  const fields = records[0]?.split(',').length;
  const wrong = records.find((record) => record.split(',').length !== fields);
  return wrong === undefined ? undefined : `a record has not ${fields} fields: ${wrong}`;
}

/** Each complete line. */
function checkLines(schema: Schema, body = ''): string | undefined {
  const lines = body.split('\n').slice(0, -1);
  return lines.map((line) => checkText(schema, line)).find((wrong) => wrong !== undefined);
}

function checkText(schema: Schema, body: string): string | undefined {
  const text = JSON.stringify(schema);
  let validator = made.get(text);
  if (!validator) {
    validator = z.fromJSONSchema({ ...inDefs(schema), $defs });
    made.set(text, validator);
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return `is not JSON: ${body.slice(0, 200)}`;
  }
  const parsed = validator.safeParse(value);
  return parsed.success ? undefined : z.prettifyError(parsed.error);
}

/** The schema, with its references to components as in a standalone JSON Schema. */
function inDefs<T extends object>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')) as T;
}

function pattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/, '[^/]+')}$`);
}
