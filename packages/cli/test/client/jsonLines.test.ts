/** The NDJSON reader yields the same documents however the text is split. */
import { expect, test } from 'vitest';
import { jsonLines } from '../../src/client/jsonLines.js';

const DOCUMENTS = [{ name: 'é\n"x"' }, [], { deep: { list: [1, '\u2028'] } }];
const TEXT = DOCUMENTS.map((document) => JSON.stringify(document)).join('\n\n');

test.each([TEXT, `${TEXT}\n`])('yields the same documents however the text is split', async (text) => {
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length + 1; size += 1) {
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const read: unknown[] = [];
    for await (const document of jsonLines(chunks())) read.push(document);
    expect(read).toEqual(DOCUMENTS);
  }
});
