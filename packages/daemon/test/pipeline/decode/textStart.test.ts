import { describe, expect, it } from 'vitest';
import { textStart, withoutBlankStart } from '../../../src/pipeline/decode/textStart.js';

/** The chunks of a text, each overwritten when the next is requested; counts those that were read. */
async function* chunks(text: string, size: number, taken = { count: 0 }) {
  for (let at = 0; at < text.length; at += size) {
    const chunk = Buffer.from(text.slice(at, at + size));
    taken.count++;
    yield chunk;
    chunk.fill('?');
  }
}

describe('the start of a text', () => {
  it.each([
    ['name,email\nA', 'name,email\nA'],
    [' \t\r\n\nname,email', 'name,email'],
    [',,;|"\r"" "\n;"name";e', ';"name";e'],
    ['   name', 'name'],
    ['\n  \t name', '\t name'],
    [' \n,,', ',,'],
    ['\n \r', ''],
    ['', ''],
  ])('%j', async (text, wanted) => {
    for (let size = 1; size <= text.length; size++)
      expect(Buffer.from(await textStart(chunks(text, size))).toString()).toBe(wanted);
    expect(Buffer.from(withoutBlankStart(Buffer.from(text))).toString()).toBe(wanted);
  });

  it('is found after any number of blanks, and nothing is read beyond', async () => {
    const taken = { count: 0 };
    const found = await textStart(chunks(`${' ,\n'.repeat(400_000)}${'x'.repeat(300_000)}`, 60_000, taken));
    expect(Buffer.from(found).toString()).toMatch(/^x{65536,130000}$/);
    expect(taken.count).toBeLessThan(24);
  });

  it('is the line of delimiters itself if that has no end', async () => {
    expect((await textStart(chunks(';'.repeat(200_000), 50_000))).length).toBeGreaterThan(65_536);
  });
});
