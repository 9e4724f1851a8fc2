/**
 * A local file or stdin as the body of an upload: multipart/form-data (RFC 7578), streamed, never held in memory whole.
 */
import { randomBytes } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SPEC_FIELD, UPLOAD_FIELD } from '@csvjobs/shared/paths';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';

export interface UploadSource {
  /** As the user wrote it; `-` is stdin. */
  file: string;
  /** The name sent to the daemon. */
  filename: string;
  /** In bytes; undefined for stdin, whose length is unknown. */
  size: number | undefined;
  /** Whether it can be read again, so that a broken upload can be retried. */
  repeatable: boolean;
  /** The file is on another machine, so it is not read an extra time just for its hash. */
  remote?: boolean;
  /** The daemon reads the file where it is: only its address is sent, and `open` yields nothing. */
  inPlace?: boolean;
  open(): AsyncIterable<Buffer>;
}

/** 256 KiB: fewer, larger reads than with the 64 KiB of fs, at a negligible cost in memory. */
const READ_SIZE = 256 * 1024;

/**
 * Checks a local file before anything is sent.
 * @param forFolder the next command if it is a folder
 * @throws UserError (exit 2) when it cannot be read or is empty
 */
export async function fileSource(file: string, forFolder: string): Promise<UploadSource> {
  const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(file, reasonOf(cause), cause);
  });
  if (found.isDirectory()) throw fileError(file, 'it is a folder', undefined, forFolder);
  await access(file, constants.R_OK).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(file, reasonOf(cause), cause);
  });
  const filename = basename(file);
  // A pipe or a device (process substitution, /dev/stdin) has no size and can be read once.
  if (!found.isFile())
    return { file, filename, size: undefined, repeatable: false, open: () => createReadStream(file) };
  if (found.size === 0)
    throw new UserError({
      code: 'file_empty',
      exitCode: EXIT.usage,
      what: `${clean(file)} is empty`,
      why: 'it does not even have a header line',
      next: 'add a first line that names the columns, and one row on each line after it',
    });
  // `end` keeps to the announced size if the file grows meanwhile.
  const open = () => createReadStream(file, { highWaterMark: READ_SIZE, end: found.size - 1 });
  return { file, filename, size: found.size, repeatable: true, open };
}

/** Stdin as a source. */
export function stdinSource(stdin: AsyncIterable<Buffer>, filename: string): UploadSource {
  return { file: '-', filename, size: undefined, repeatable: false, open: () => stdin };
}

/** An object that the daemon's workers read in place, by its address (s3://bucket/key). */
export function inPlace(address: string): UploadSource {
  const filename = basename(address);
  const open = async function* () {};
  return { file: address, filename, size: undefined, repeatable: true, remote: true, inPlace: true, open };
}

export interface UploadBody {
  contentType: string;
  /** Bytes of the whole body; undefined when the source has no size. */
  contentLength: number | undefined;
  /** Makes one pass over the body and reports to `sent` how many bytes of the file the socket has taken. */
  stream(sent: (bytes: number) => void): AsyncGenerator<Buffer>;
}

/**
 * Builds the multipart body: the spec, if there is one, then the file, so that the daemon can refuse the spec before
 * the file is sent. An empty spec counts as none. The name is escaped as browsers do (WHATWG HTML, multipart/form-data:
 * `"`, CR and LF as %22, %0D and %0A), so that no name can end the header.
 */
export function multipart(source: UploadSource, spec?: Uint8Array): UploadBody {
  const boundary = `csvjobs-${randomBytes(24).toString('hex')}`;
  const name = source.filename.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const before = spec
    ? [
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: form-data; name="${SPEC_FIELD}"; filename="${SPEC_FIELD}"\r\n` +
            'Content-Type: application/octet-stream\r\n\r\n',
        ),
        spec,
        Buffer.from('\r\n'),
      ]
    : [];
  const part = Buffer.from(
    `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${UPLOAD_FIELD}"; filename="${name}"\r\n` +
      'Content-Type: text/csv\r\n\r\n',
  );
  const head = Buffer.concat([...before, part]);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength: source.size === undefined ? undefined : head.length + source.size + tail.length,
    // The consumer requests the next chunk once the socket has taken the previous one, so this counts what was taken.
    async *stream(sent) {
      yield head;
      let bytes = 0;
      for await (const chunk of source.open()) {
        yield chunk;
        bytes += chunk.length;
        sent(bytes);
      }
      yield tail;
    },
  };
}

/** The error for a file that changed while it was sent; `how` says in what way. */
export function fileChanged(file: string, cause: unknown, how = 'became shorter'): UserError {
  return new UserError({
    code: 'file_changed',
    exitCode: EXIT.usage,
    what: `${clean(file)} ${how} while it was uploaded`,
    why: 'another program is writing to it; the daemon has discarded its part',
    next: 'wait until the file is complete, then upload it again',
    cause,
  });
}

/** The error for a file that could not be read to its end. */
export function fileError(file: string, why: string, cause?: unknown, next?: string): UserError {
  return new UserError({
    code: 'file_unreadable',
    exitCode: EXIT.usage,
    what: `${clean(file)} cannot be read`,
    why,
    next: next ?? 'check the path and its permissions',
    cause,
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it';
  return clean(message);
}
