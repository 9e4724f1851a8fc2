/** Streams of JSON lines. */
import { StringDecoder } from 'node:string_decoder';

/**
 * Reads NDJSON chunk by chunk; holds one line at a time.
 * @throws what the source throws; SyntaxError for a line that is not JSON
 */
export async function* jsonLines<T>(source: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
  }
  if (rest !== '') yield JSON.parse(rest) as T;
}
