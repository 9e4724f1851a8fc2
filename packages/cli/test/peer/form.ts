/** The form of an upload, read completely (the part of RFC 7578 that csvjobs writes). */
import type { IncomingMessage } from 'node:http';

/** Its file, and the spec before it, if any; or `cut` if the connection ended early, `truncated` if its last boundary is missing. */
export async function receiveForm(
  request: IncomingMessage,
): Promise<{ filename: string; content: Buffer; spec: string | undefined } | 'cut' | 'truncated'> {
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return 'cut';
  }
  let body = Buffer.concat(parts);
  const spec = /^--\S+\r\nContent-Disposition: form-data; name="spec".*?\r\n\r\n/s.exec(
    body.toString('latin1'),
  )?.[0];
  let text: string | undefined;
  if (spec !== undefined) {
    const end = body.indexOf(`\r\n--${boundary}\r\n`, spec.length - 2);
    text = body.subarray(spec.length, Math.max(spec.length, end)).toString('utf8');
    body = body.subarray(end + 2);
  }
  const headEnd = body.indexOf('\r\n\r\n') + 4;
  const head = body.subarray(0, headEnd).toString('utf8');
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const [, name, filename = ''] = /name="([^"]*)"; filename="([^"]*)"/.exec(head) ?? [];
  if (name !== 'file' || !body.subarray(-tail.length).equals(tail)) return 'truncated';
  return { filename, content: body.subarray(headEnd, body.length - tail.length), spec: text };
}
