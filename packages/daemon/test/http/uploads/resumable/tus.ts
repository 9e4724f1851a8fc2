/** Hand-written tus 1.0 for tests: what any client sends. */
import { paths } from '@csvjobs/shared';
import type { Harness } from '../../harness.js';

export const TUS = { 'Tus-Resumable': '1.0.0' };
const OCTETS = { 'Content-Type': 'application/offset+octet-stream' };

/** Upload-Metadata. */
export function metadataOf(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

type At = Pick<Harness, 'url'>;

export function create(
  { url }: At,
  length: number,
  metadata: Record<string, string> = { filename: 'customers.csv' },
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<Response> {
  return fetch(url + paths.uploads, {
    method: 'POST',
    headers: {
      ...TUS,
      'Upload-Length': String(length),
      ...(Object.keys(metadata).length > 0 && { 'Upload-Metadata': metadataOf(metadata) }),
      ...(body !== undefined && OCTETS),
      ...headers,
    },
    body: (body as Uint8Array<ArrayBuffer> | undefined) ?? null,
  });
}

export function patch(
  { url }: At,
  path: string,
  offset: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, {
    method: 'PATCH',
    headers: { ...TUS, ...OCTETS, 'Upload-Offset': String(offset), ...headers },
    body: body as Uint8Array<ArrayBuffer>,
  });
}

export function head({ url }: At, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { method: 'HEAD', headers: { ...TUS, ...headers } });
}

export function look({ url }: At, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { headers });
}

export function end({ url }: At, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { method: 'DELETE', headers: { ...TUS, ...headers } });
}
