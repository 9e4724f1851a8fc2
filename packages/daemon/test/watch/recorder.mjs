/**
 * Notes every answer of an HTTP server. Used by the tests in their own process, and loaded into the real daemon before
 * anything else (node --import), which then writes a line of JSON for each answer into the file CSVJOBS_RECORD.
 */
import { appendFileSync } from 'node:fs';
import { Server } from 'node:http';
import { isMainThread } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';

/** Longer bodies are not kept: their status and head are all that is looked at. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Calls `tell` with the answer once it was sent, or its connection is over. */
export function record(req, res, tell) {
  let chunks = [];
  let bytes = 0;
  const keep = (chunk, encoding) => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MOST_BYTES) chunks = [];
    else chunks.push(buffer);
  };
  for (const name of ['write', 'end']) {
    const original = res[name];
    res[name] = (...args) => {
      keep(args[0], typeof args[1] === 'string' ? args[1] : undefined);
      return original.apply(res, args);
    };
  }
  const { method = '', url = '' } = req;
  res.once('close', () => {
    if (!res.headersSent) return;
    const whole = res.writableFinished;
    const body = bytes > MOST_BYTES ? undefined : plain(res, Buffer.concat(chunks), whole);
    tell({ method, url, status: res.statusCode, headers: headersOf(res), whole, body });
  });
}

function headersOf(res) {
  const sent = Object.entries(res.getHeaders());
  // What writeHead was given is not among them.
  for (const line of (res._header ?? '').split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) sent.push([line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]);
  }
  return Object.fromEntries(sent.map(([name, value]) => [name, String(value)]));
}

/** The text of a body. Of a compressed one that was cut off there is none. */
function plain(res, body, whole) {
  if (res.getHeader('content-encoding') !== 'gzip') return body.toString();
  return body.length === 0 ? '' : whole ? gunzipSync(body).toString() : undefined;
}

const file = process.env.CSVJOBS_RECORD;
if (file && isMainThread) {
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, ...args) {
    // At once and not later: the process may be killed at any moment.
    if (event === 'request' || event === 'checkContinue')
      record(args[0], args[1], (answer) => appendFileSync(file, `${JSON.stringify(answer)}\n`));
    return emit.call(this, event, ...args);
  };
}
