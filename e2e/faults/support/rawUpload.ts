/** A manual upload over a plain socket: in pieces, at any pace, ended anywhere. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { UPLOAD_FIELD } from '@csvjobs/shared';

const BOUNDARY = 'faults-boundary';
const OPENING = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${UPLOAD_FIELD}"; filename="c.csv"\r\nContent-Type: text/csv\r\n\r\n`;
const CLOSING = `\r\n--${BOUNDARY}--\r\n`;

export interface RawUpload {
  socket: Socket;
  /** Sends bytes; resolves once the socket has accepted them, or the connection has ended. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Ends the form. */
  finish(): Promise<void>;
  /** The status of the answer, once its head has arrived. */
  status: Promise<number>;
}

/**
 * Starts an upload of a file of this many bytes: sends the head of the request and of the form.
 * @param into the table, if it is not customers
 */
export async function beginUpload(url: string, fileBytes: number, into?: string): Promise<RawUpload> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let closed = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  let answer = '';
  const status = new Promise<number>((resolve, reject) => {
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      const found = /^HTTP\/1\.1 (\d+)/.exec(answer);
      if (found) resolve(Number(found[1]));
    });
    socket.on('close', () => reject(new Error('the connection was closed without an answer')));
  });
  status.catch(() => {});
  await once(socket, 'connect');
  const write = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve) => {
      if (closed || socket.destroyed) return resolve();
      socket.once('close', resolve);
      socket.write(bytes, () => {
        socket.off('close', resolve);
        resolve();
      });
    });
  const length = Buffer.byteLength(OPENING) + fileBytes + Buffer.byteLength(CLOSING);
  await write(
    `POST /api/jobs/upload${into === undefined ? '' : `?into=${into}`} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${length}\r\n` +
      `Content-Type: multipart/form-data; boundary=${BOUNDARY}\r\n\r\n${OPENING}`,
  );
  return { socket, write, finish: () => write(CLOSING), status };
}
