/**
 * A server with the part of S3 that csvjobs uses, on a real socket: so quick tests need no real store, and faults can be
 * injected. Its behaviour is checked by the suite that also runs on OpenStack Swift (`npm run test:s3`). It keeps objects in memory.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { crc32 } from 'node:zlib';

export interface Call {
  method: string;
  /** For the bucket if there is no key. */
  key: string | undefined;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

/**
 * A fault instead of the server's answer: an error; a connection cut at once, after the request was done (`lost`), or after a
 * number of bytes of the answer's body.
 */
export type Fault = { status: number; code: string } | 'cut' | 'lost' | { cutAfter: number };

export interface Imitation {
  url: string;
  /** The requests, in order. */
  calls: Call[];
  /** Called for each request; undefined means no fault. */
  fault: (call: Call) => Fault | undefined;
  objects: Map<string, StoredObject>;
  uploads: Map<string, Upload>;
  close(): Promise<void>;
}

interface StoredObject {
  body: Buffer;
  etag: string;
  at: Date;
  metadata: Record<string, string>;
  encryption: string | undefined;
}

interface Upload extends Omit<StoredObject, 'body' | 'etag'> {
  key: string;
  parts: Map<number, { body: Buffer; etag: string; at: Date }>;
}

export const BUCKET = 'uploads';
/** The environment for the SDK's credential chain. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'imitated',
  AWS_SECRET_ACCESS_KEY: 'secret',
  // As the daemon sets it.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};
/** The key of a read-only user. */
export const READ_ONLY = 'readonly';

/** Small, so that every list has several pages. */
const PAGE = 7;
const LEAST_PART_BYTES = 5 * 1024 * 1024;

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(code);
  }
}

const etagOf = (body: Uint8Array) => `"${createHash('md5').update(body).digest('hex')}"`;
const tag = (name: string, content: string | number) => `<${name}>${content}</${name}>`;
const document = (name: string, content: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`;

export async function startImitation(): Promise<Imitation> {
  const objects: Imitation['objects'] = new Map();
  const uploads: Imitation['uploads'] = new Map();
  const sockets = new Set<Socket>();

  const found = (key: string) => {
    const object = objects.get(key);
    if (!object) throw new Refused(404, 'NoSuchKey');
    return object;
  };
  const uploadOf = (id: string) => {
    const upload = uploads.get(id);
    if (!upload) throw new Refused(404, 'NoSuchUpload');
    return upload;
  };
  const facts = (headers: IncomingMessage['headers']) => ({
    at: new Date(),
    metadata: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith('x-amz-meta-') ? [[name.slice(11), String(value)]] : [],
      ),
    ),
    encryption: headers['x-amz-server-side-encryption'] as string | undefined,
  });
  const assertFree = (key: string, { headers }: Call) => {
    if (headers['if-none-match'] === '*' && objects.has(key)) throw new Refused(412, 'PreconditionFailed');
  };
  /** The bytes of x-amz-copy-source, with its range. */
  const copied = ({ headers }: Call): Buffer => {
    const key = decodeURIComponent(String(headers['x-amz-copy-source'])).replace(/^\/?[^/]+\//, '');
    const source = found(key);
    const match = headers['x-amz-copy-source-if-match'];
    if (match !== undefined && match !== source.etag) throw new Refused(412, 'PreconditionFailed');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'])) ?? [];
    return from === undefined ? source.body : source.body.subarray(Number(from), Number(to) + 1);
  };

  function answer(call: Call, body: Buffer, response: ServerResponse): ServerResponse {
    const { method, key, query, headers } = call;
    const ok = (text = '', more: Record<string, string> = {}) =>
      response.writeHead(text === '' && method === 'DELETE' ? 204 : 200, more).end(text);
    if (key === undefined) return ok(query.has('uploads') ? listUploads(query) : listObjects(query));
    const uploadId = query.get('uploadId');
    const number = Number(query.get('partNumber'));
    if (method === 'POST' && query.has('uploads')) {
      const id = randomUUID();
      uploads.set(id, { key, ...facts(headers), parts: new Map() });
      return ok(document('InitiateMultipartUploadResult', tag('UploadId', id)));
    }
    if (method === 'POST' && uploadId) return ok(complete(call, uploadId, body.toString()));
    if (method === 'PUT' && uploadId) {
      const copies = headers['x-amz-copy-source'] !== undefined;
      const part = copies ? copied(call) : body;
      const etag = etagOf(part);
      uploadOf(uploadId).parts.set(number, { body: part, etag, at: new Date() });
      return copies ? ok(document('CopyPartResult', tag('ETag', etag))) : ok('', { ETag: etag });
    }
    if (method === 'GET' && uploadId) return ok(listParts(uploadId, query));
    if (method === 'DELETE' && uploadId) {
      uploadOf(uploadId);
      uploads.delete(uploadId);
      return ok();
    }
    if (method === 'DELETE') {
      objects.delete(key);
      return ok();
    }
    if (method === 'PUT') {
      assertFree(key, call);
      const copies = headers['x-amz-copy-source'] !== undefined;
      const content = copies ? copied(call) : body;
      const etag = etagOf(content);
      objects.set(key, { body: content, etag, ...facts(headers) });
      return copies ? ok(document('CopyObjectResult', tag('ETag', etag))) : ok('', { ETag: etag });
    }
    const object = found(key);
    if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag)
      throw new Refused(412, 'PreconditionFailed');
    const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    if (Number(from) >= object.body.length) throw new Refused(416, 'InvalidRange');
    const sent = object.body.subarray(Number(from ?? 0));
    response.writeHead(from === undefined ? 200 : 206, {
      ETag: object.etag,
      'Content-Length': sent.length,
      'Last-Modified': object.at.toUTCString(),
      ...Object.fromEntries(
        Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
      ),
    });
    return method === 'HEAD' ? response.end() : response.end(sent);
  }

  function complete(call: Call, uploadId: string, asked: string): string {
    const upload = uploadOf(uploadId);
    assertFree(upload.key, call);
    const parts = [...asked.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part]) => {
      const number = Number(/<PartNumber>(\d+)</.exec(part!)![1]);
      const etag = /<ETag>(.*?)</.exec(part!)![1]!.replaceAll('&quot;', '"');
      const stored = upload.parts.get(number);
      if (!stored || stored.etag !== etag) throw new Refused(400, 'InvalidPart');
      return stored;
    });
    if (parts.length === 0) throw new Refused(400, 'MalformedXML');
    if (parts.slice(0, -1).some(({ body }) => body.length < LEAST_PART_BYTES))
      throw new Refused(400, 'EntityTooSmall');
    const body = Buffer.concat(parts.map((part) => part.body));
    const sums = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag.slice(1, -1), 'hex')));
    const etag = `${etagOf(sums).slice(0, -1)}-${parts.length}"`;
    const { metadata, encryption } = upload;
    objects.set(upload.key, { body, etag, at: new Date(), metadata, encryption });
    uploads.delete(uploadId);
    return document('CompleteMultipartUploadResult', tag('ETag', etag));
  }

  function listObjects(query: URLSearchParams): string {
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter')];
    const after = query.get('continuation-token') ?? '';
    const all = [...objects.keys()]
      .filter((key) => key.startsWith(prefix) && key > after)
      .filter((key) => delimiter === null || !key.slice(prefix.length).includes(delimiter))
      .sort();
    const page = all.slice(0, PAGE);
    const contents = page.map((key) => {
      const { at, body, etag } = objects.get(key)!;
      const about = tag('LastModified', at.toISOString()) + tag('Size', body.length) + tag('ETag', etag);
      return tag('Contents', tag('Key', key) + about);
    });
    const more = all.length > page.length;
    const next = more ? tag('NextContinuationToken', page.at(-1)!) : '';
    return document('ListBucketResult', `${contents.join('')}${tag('IsTruncated', String(more))}${next}`);
  }

  function listUploads(query: URLSearchParams): string {
    const [prefix, after] = [query.get('prefix') ?? '', query.get('key-marker') ?? ''];
    const all = [...uploads].filter(([, { key }]) => key.startsWith(prefix) && key > after);
    all.sort(([, a], [, b]) => (a.key < b.key ? -1 : 1));
    const page = all.slice(0, PAGE);
    const found = page.map(([id, { key, at }]) =>
      tag('Upload', tag('Key', key) + tag('UploadId', id) + tag('Initiated', at.toISOString())),
    );
    const more = all.length > page.length;
    const next = more ? tag('NextKeyMarker', page.at(-1)![1].key) : '';
    return document(
      'ListMultipartUploadsResult',
      `${found.join('')}${tag('IsTruncated', String(more))}${next}`,
    );
  }

  function listParts(uploadId: string, query: URLSearchParams): string {
    const after = Number(query.get('part-number-marker') ?? 0);
    const all = [...uploadOf(uploadId).parts].filter(([number]) => number > after).sort(([a], [b]) => a - b);
    const page = all.slice(0, PAGE);
    const found = page.map(([number, { body, etag, at }]) => {
      const about = tag('LastModified', at.toISOString()) + tag('Size', body.length) + tag('ETag', etag);
      return tag('Part', tag('PartNumber', number) + about);
    });
    const more = all.length > page.length;
    const next = more ? tag('NextPartNumberMarker', page.at(-1)![0]) : '';
    return document('ListPartsResult', `${found.join('')}${tag('IsTruncated', String(more))}${next}`);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://s3');
    const [, bucket, ...steps] = url.pathname.split('/');
    const path = decodeURIComponent(steps.join('/'));
    const key = path === '' ? undefined : path;
    const call = { method: request.method!, key, query: url.searchParams, headers: request.headers };
    imitation.calls.push(call);
    const fault = imitation.fault(call);
    if (fault === 'cut') return void request.socket.destroy();
    try {
      if (fault === 'lost') response.end = () => response.destroy();
      else if (fault && 'status' in fault) throw new Refused(fault.status, fault.code);
      else if (fault) cutAfter(response, fault.cutAfter);
      const user = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
      if (user !== CREDENTIALS.AWS_ACCESS_KEY_ID && user !== READ_ONLY)
        throw new Refused(403, 'InvalidAccessKeyId');
      if (user === READ_ONLY && !/^(GET|HEAD)$/.test(call.method)) throw new Refused(403, 'AccessDenied');
      if (bucket !== BUCKET) throw new Refused(404, 'NoSuchBucket');
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts);
      mustBeAsSummed(body, request);
      answer(call, body, response);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      request.resume();
      const text = document('Error', tag('Code', error.code) + tag('Message', `imitated ${error.code}`));
      response.writeHead(error.status, { 'Content-Type': 'application/xml' });
      response.end(call.method === 'HEAD' ? '' : text);
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      // A disconnected client, as in some tests.
      if (error.code !== 'ECONNRESET') throw error;
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const imitation: Imitation = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    fault: () => undefined,
    objects,
    uploads,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return imitation;
}

/** The body must match its signature and checksums: SHA-256 and CRC-32, if the request has them. */
function mustBeAsSummed(body: Buffer, { headers }: IncomingMessage): void {
  const signed = headers['x-amz-content-sha256'];
  if (typeof signed === 'string' && /^[0-9a-f]{64}$/.test(signed))
    if (createHash('sha256').update(body).digest('hex') !== signed)
      throw new Refused(400, 'XAmzContentSHA256Mismatch');
  const sum = headers['x-amz-checksum-crc32'];
  if (sum === undefined) return;
  const own = Buffer.alloc(4);
  own.writeUInt32BE(crc32(body));
  if (own.toString('base64') !== sum) throw new Refused(400, 'BadDigest');
}

/** Cuts the connection after this many bytes of the body. */
function cutAfter(response: ServerResponse, bytes: number): void {
  const end = response.end.bind(response);
  response.end = ((chunk?: Buffer) => {
    if (!Buffer.isBuffer(chunk) || chunk.length <= bytes) return end(chunk);
    response.write(chunk.subarray(0, bytes), () => response.socket?.destroy());
    return response;
  }) as ServerResponse['end'];
}
