/**
 * The body of an upload: multipart/form-data (RFC 7578) with one file. The file goes to the storage as it
 * arrives; errors are thrown as soon as they are known, while the rest of the body is still to come.
 */
import type { IncomingMessage } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_SPEC_BYTES, SPEC_FIELD, UPLOAD_FIELD } from '@csvjobs/shared';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { Received } from '../../storage/received.js';
import { refuse } from '../problems.js';
import { formFilename } from './formFilename.js';
import { watchPace } from './pace.js';

/** An upload is one file, and optionally a spec; other fields are ignored. */
const LIMITS = {
  fields: 50,
  fieldSize: MAX_SPEC_BYTES + 1,
  parts: 60,
  headerPairs: 50,
  headerSize: 16 * 1024,
};

export interface UploadedFile {
  received: Received;
  /** As the client named it. */
  filename: string | undefined;
}

/**
 * Takes the bytes of the spec, at most MAX_SPEC_BYTES + 1, as soon as they have arrived; throws to refuse the
 * upload.
 */
export type TakeSpec = (bytes: Uint8Array) => void;

/**
 * Reads the body of a request. `receive` takes the file; its signal is aborted when the upload ends early. On
 * any error, nothing of the file is left, and the rest of the body is read and dropped until the connection
 * ends.
 * @throws {Failure} with a ProblemCode; what `receive` throws
 */
export async function readUpload(
  req: IncomingMessage,
  receive: (stream: Readable, signal: AbortSignal) => Promise<Received>,
  takeSpec: TakeSpec,
  paceMs?: number,
): Promise<UploadedFile> {
  const busboy = openForm(req);
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  });
  stopped.catch(() => {});
  let receiving: Promise<Received> | undefined;
  let filename: string | undefined;
  let textField = false;
  let spec = false;
  let readingSpec: Promise<void> | undefined;
  const onSpec = (bytes: Uint8Array) => {
    if (spec) return stop.abort(severalSpecs());
    spec = true;
    try {
      takeSpec(bytes);
    } catch (error) {
      stop.abort(error);
    }
  };

  busboy.on('file', (field, stream, name) => {
    stream.on('error', () => {});
    stop.signal.addEventListener('abort', () => stream.destroy(stop.signal.reason));
    if (field === SPEC_FIELD) {
      readingSpec = firstBytes(stream, MAX_SPEC_BYTES + 1).then(onSpec, () => {});
      return;
    }
    if (field !== UPLOAD_FIELD) return stop.abort(wrongField(field));
    if (receiving) return stop.abort(severalFiles());
    filename = formFilename(name);
    receiving = receive(stream, stop.signal);
    receiving.catch((error) => stop.abort(error));
  });
  busboy.on('field', (field, value) => {
    textField ||= field === UPLOAD_FIELD;
    if (field === SPEC_FIELD) onSpec(Buffer.from(value));
  });
  const parsed = new Promise<void>((resolve, reject) => {
    busboy.on('finish', () => resolve());
    busboy.on('error', reject);
  });
  // Node emits this first; without a listener it would cut the connection, and with it the answer.
  req.on('timeout', () => stop.abort(silent(req)));
  const leavePace = watchPace(req, (failure) => stop.abort(failure), paceMs);
  const body = pipeline(req, formSink(busboy, stop.signal));
  for (const part of [parsed, body]) part.catch((error) => stop.abort(error));

  try {
    await Promise.race([Promise.all([body, parsed]), stopped]);
    if (!receiving) throw noFile(textField);
    // A spec at the very end of the form is complete only after the form is.
    await readingSpec;
    stop.signal.throwIfAborted();
    return { received: await Promise.race([receiving, stopped]), filename };
  } catch (error) {
    stop.abort(error);
    await receiving?.then(
      (received) => received.discard(),
      () => {},
    );
    throw explained(error);
  } finally {
    leavePace();
  }
}

/** Returns the first bytes of a stream, and reads the rest: otherwise the form would stall. */
async function firstBytes(stream: Readable, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let left = most;
  for await (const part of stream as AsyncIterable<Buffer>) {
    if (left > 0) parts.push(part.subarray(0, left));
    left -= part.length;
  }
  return Buffer.concat(parts);
}

function openForm(req: IncomingMessage): BusboyInstance {
  const type = req.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    const is = type === '' ? 'has no Content-Type' : `is ${JSON.stringify(type)}`;
    throw refuse(
      'not_multipart',
      `the request ${is}; send the file as multipart/form-data, field "${UPLOAD_FIELD}" (curl -F ${UPLOAD_FIELD}=@customers.csv)`,
    );
  }
  try {
    return new Busboy({ headers: req.headers as BusboyHeaders, limits: LIMITS, fileHwm: 256 * 1024 });
  } catch (error) {
    const detail = 'the Content-Type has no boundary; let the HTTP client set it together with the body';
    throw refuse('bad_request', detail, error);
  }
}

/**
 * Passes a body to busboy at busboy's pace. It never fails: stream.pipeline would then destroy the request,
 * and with it the connection, before the client has its answer. Once stopped, it drops what still arrives.
 */
function formSink(busboy: BusboyInstance, stop: AbortSignal): Writable {
  let release = () => {};
  stop.addEventListener('abort', () => release());
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      let called = false;
      release = () => {
        if (!called) done();
        called = true;
      };
      if (stop.aborted) release();
      else busboy.write(chunk, () => release());
    },
    final(done) {
      if (!stop.aborted) busboy.end();
      done();
    },
  });
}

function silent({ socket }: IncomingMessage): Error {
  return refuse(
    'request_timeout',
    `nothing arrived for ${socket.timeout} ms (UPLOAD_IDLE_TIMEOUT) in the middle of the upload; nothing was kept, send the file again`,
  );
}

function wrongField(field: string | undefined): Error {
  const is = field === undefined ? 'without a name' : JSON.stringify(field);
  return refuse(
    'field_name_wrong',
    `the file is in the field ${is}, but the field must be named "${UPLOAD_FIELD}" (curl -F ${UPLOAD_FIELD}=@customers.csv)`,
  );
}

function severalFiles(): Error {
  return refuse(
    'several_files',
    'the request has more than one file; send each file in a request of its own',
  );
}

function severalSpecs(): Error {
  return refuse('spec_invalid', `the form has more than one field "${SPEC_FIELD}"; send one`);
}

function noFile(textField: boolean): Error {
  return refuse(
    'file_field_missing',
    textField
      ? `the field "${UPLOAD_FIELD}" has text but no file name; send it as a file (curl -F ${UPLOAD_FIELD}=@customers.csv, with the @)`
      : `the form has no file; send one in the field "${UPLOAD_FIELD}" (curl -F ${UPLOAD_FIELD}=@customers.csv)`,
  );
}

/** Explains errors of busboy and Node for a body that ends too early, or is not a form. */
function explained(error: unknown): unknown {
  const { message = '', code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') {
    return refuse('upload_truncated', 'the connection was closed in the middle of the upload', error);
  }
  if (/unexpected end of multipart|terminated early/i.test(message)) {
    const detail = 'the form ends before its closing boundary; nothing was kept, send the file again';
    return refuse('upload_truncated', detail, error);
  }
  if (/malformed|multipart/i.test(message) && code === undefined) {
    return refuse('bad_request', `the form cannot be read: ${message}`, error);
  }
  return error;
}
