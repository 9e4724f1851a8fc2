/** The files of the benchmark, made from a seed: the same bytes on every machine. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const FIRST = 'james mary robert patricia john jennifer michael linda david elizabeth'.split(' ');
const LAST = 'smith johnson williams brown jones garcia miller davis rodriguez martinez'.split(' ');
const COMPANIES = ['Acme', 'Globex', 'Initech', 'Umbrella', 'Hooli', 'Stark', 'Wayne', 'Wonka', 'Tyrell'];

/** What each kind of file has, as shares of its records. `of` names the file that RAW loads for comparison. */
export const KINDS = {
  clean: { invalid: 0, repeated: 0, wide: false, rawOf: 'clean' },
  dirty: { invalid: 0.03, repeated: 0.02, wide: false, rawOf: 'clean' },
  dup20: { invalid: 0, repeated: 0.2, wide: false, rawOf: 'clean' },
  again: { invalid: 0, repeated: 0, wide: false, rawOf: 'clean' },
  allbad: { invalid: 1, repeated: 0, wide: false, rawOf: 'clean' },
  wide: { invalid: 0, repeated: 0, wide: true, rawOf: 'wide' },
};

/** How many repeats may refer to: enough for them to lie far apart, few enough to keep in memory. */
const REMEMBERED = 200_000;
const SEED = 20_260_101;

/**
 * Writes the file of a kind, header first.
 * @returns how many records are good, how many invalid and how many repeat the e-mail of an earlier one
 */
export function writeCsv(path, kind, rows) {
  return writeLines(path, kind, rows, 'name,email,phone,company\n', (record) => record);
}

/**
 * Writes the same records as psql's \copy needs them: a job id and a row number before each, no header. Only for
 * kinds without repeats and faults: one of those would end the \copy.
 */
export function writeRawCsv(path, kind, rows, jobId) {
  return writeLines(path, kind, rows, '', (record, rowNumber) => `${jobId},${rowNumber},${record}`);
}

async function writeLines(path, kind, rows, header, line) {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  const counts = { good: 0, invalid: 0, repeated: 0 };
  let text = header;
  let rowNumber = 0;
  for (const { record, what } of records(KINDS[kind], rows)) {
    rowNumber++;
    counts[what]++;
    text += `${line(record, rowNumber)}\n`;
    if (text.length < 1 << 18) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await finished(file);
  return counts;
}

/** One record after the other, 78 bytes on average (300 for wide ones); e-mails in no order. */
function* records({ invalid, repeated, wide }, rows) {
  const random = generator(SEED);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const earlier = [];
  for (let i = 0; i < rows; i++) {
    const first = pick(FIRST);
    const last = pick(LAST);
    // An odd multiplier permutes the 32-bit numbers: no two records share theirs.
    const number = (Math.imul(i, 2_654_435_761) >>> 0).toString(36);
    let email = `${first}.${number}${Math.floor(random() * 1296).toString(36)}@${pick(LAST)}.example`;
    const phone = `+49 30 ${Math.floor(random() * 1e8)}`.padEnd(15, '0');
    const company = `${pick(COMPANIES)} ${Math.floor(random() * 1000)} GmbH`;
    const fate = random();
    let what = 'good';
    if (fate < invalid) {
      email = email.replace('@', ' at ');
      what = 'invalid';
    } else if (fate < invalid + repeated && earlier.length > 0) {
      email = pick(earlier).toUpperCase();
      what = 'repeated';
    } else if (earlier.length < REMEMBERED) earlier.push(email);
    else earlier[Math.floor(random() * REMEMBERED)] = email;
    const record = wide
      ? `"${first} ""${last}"" ${'van der Berg, '.repeat(6)}",${email},"${phone}","${company}, ${'quoted text with a\nline end and, a comma; '.repeat(3)}"`
      : `${first} ${last},${email},${phone},${company}`;
    yield { record, what };
  }
}

/** mulberry32: small, fast and good enough; the same numbers for a seed everywhere. */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
