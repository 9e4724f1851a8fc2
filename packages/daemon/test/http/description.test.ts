/** The API description as tools need it: function names, groups, and examples that match their schemas. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeApi } from '../../src/http/description/openapi.js';

interface Media {
  schema: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  tags: string[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}
interface Description {
  tags: { name: string; description: string }[];
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { examples?: unknown[] }> };
}

const description = describeApi('0') as Description;
const operations = Object.values(description.paths).flatMap((path) => Object.values(path));

test('every operation has a unique name and a declared tag', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  const declared = description.tags.map(({ name }) => name);
  const used = new Set(operations.flatMap(({ tags }) => tags));
  expect([...used].toSorted()).toEqual(declared.toSorted());
  expect(operations.filter(({ tags }) => tags.length !== 1)).toEqual([]);
});

test('operation names do not change: generated clients use them for functions', () => {
  expect(operations.map(({ operationId }) => operationId)).toEqual(
    expect.arrayContaining(['uploadFile', 'listJobs', 'getJob', 'cancelJob', 'retryJob', 'watchJob']),
  );
});

test('a fetched description names its daemon as the server', () => {
  expect(description.servers[0]?.url).toBe('/');
});

const bodies = operations.flatMap(({ operationId, requestBody, responses }) => [
  ...Object.entries(requestBody?.content ?? {}).map(
    ([type, media]) => [`${operationId}: request`, type, media] as const,
  ),
  ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, media]) => [`${operationId}: ${status}`, type, media] as const),
  ),
]);
/**
 * Operations without a document to show: forms, event streams, the page; and refusals, which share one
 * schema.
 */
const WITHOUT = ['multipart/form-data', 'text/event-stream', 'text/html', 'application/problem+json'];
const shown = bodies.filter(([, type]) => !WITHOUT.includes(type));

test.each(shown)('%s has an example (%s)', (_, __, { schema, example }) => {
  expect(example).toBeDefined();
  const checked = schemaOf(schema).safeParse(example);
  expect(checked.success ? undefined : z.prettifyError(checked.error)).toBeUndefined();
});

test('the example of a problem is a valid problem', () => {
  const { Problem } = description.components.schemas;
  expect(Problem?.examples?.length).toBe(1);
  expect(schemaOf({ $ref: '#/components/schemas/Problem' }).safeParse(Problem?.examples?.[0]).success).toBe(
    true,
  );
});

function schemaOf(schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
}
