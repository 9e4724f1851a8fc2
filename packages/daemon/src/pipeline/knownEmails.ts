/** The keys of the e-mails that are in the table before a load starts. */
import { type EmailKey, emailKey } from './batch/emailKey.js';
import { foldedEmail } from './batch/foldedEmail.js';

const LF = 0x0a;

type Take = (key: EmailKey) => void;

/**
 * Gives the key of each e-mail to `take`, from chunks of lines that may be cut anywhere. It need not be all of them, nor right to the letter
 * (COPY escapes what no e-mail has): PostgreSQL finds what the filter does not.
 */
export async function knownEmails(chunks: AsyncIterable<Buffer>, take: Take): Promise<void> {
  const key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    let ascii = true;
    // By hand: a search of Buffer's for each line end takes longer than the whole line here.
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
