/** The keys of the e-mails that are in the table before a load starts. */
import { type EmailKey, emailKey } from './batch/emailKey.js';
import { foldedEmail } from './batch/foldedEmail.js';

const LF = 0x0a;

type Take = (key: EmailKey) => void;

/**
 * Passes the key of each e-mail to `take`. Each line of the chunks is an e-mail; a chunk may end anywhere. The keys
 * need not be complete or exact (COPY escapes only characters that no e-mail has): PostgreSQL finds what the filter
 * misses.
 */
export async function knownEmails(chunks: AsyncIterable<Buffer>, take: Take): Promise<void> {
  const key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    let ascii = true;
    // By hand: searching each line end with Buffer takes longer than the whole line takes here.
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x80) ascii = false;
      else if (byte === LF) {
        takeEmail(take, bytes, start, at, ascii, key);
        start = at + 1;
        ascii = true;
      }
    }
    rest = bytes.subarray(start);
  }
}

function takeEmail(
  take: Take,
  bytes: Buffer,
  start: number,
  end: number,
  ascii: boolean,
  key: EmailKey,
): void {
  if (ascii) emailKey(bytes, start, end, key);
  else {
    const folded = Buffer.from(foldedEmail(bytes.toString('utf8', start, end)));
    emailKey(folded, 0, folded.length, key);
  }
  take(key);
}
