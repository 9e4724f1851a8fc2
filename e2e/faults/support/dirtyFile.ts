/**
 * Very dirty files, and the expected outcome of each record. The file is read by the slow reader of the
 * pipeline's own tests, which shares no code with the pipeline; which of several records with the same
 * e-mail wins is decided here, with a map.
 */
import { type OracleRow, oracleRows } from '../../../packages/daemon/test/pipeline/support/oracle.js';
import { CUSTOMERS } from './customers.js';
import type { DirtyFile } from './loadedTable.js';
import { randomNumbers } from './random.js';

/** Every kind of error, some of which need several records, and good records of every form in between. */
export function dirtyFile(seed: number, records: number, owner = 'a'): DirtyFile {
  const random = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const known = Array.from(
    { length: Math.max(1, records / 100) },
    (_, index) => `known${index}@${owner}.test`,
  );
  const email = (index: number) => `user${index}@${owner}.test`;
  const varied = (text: string) =>
    [...text].map((char) => (random() < 0.5 ? char.toUpperCase() : char)).join('');
  const good = (index: number) =>
    pick([
      () => `Name ${index},${email(index)},+44 20 ${index},Company ${index % 97}`,
      () => `"Name, ${index}",${email(index)},,"The ""Company"" ${index % 7}"`,
      () => `  Näme ${index} , ${varied(email(index))} ,,Cömpany 日本`,
      () => `"Line one\nline two ${index}",${email(index)},"+1 (555) ${index}",Company\\N`,
    ])();
  const bad: ((index: number) => string)[] = [
    (index) => `,${email(index)},,Company`,
    (index) => `Name,user${index}.test,,Company`,
    (index) => `Name,${email(index)},,`,
    () => ',,,',
    (index) => `Na"me ${index},${email(index)},,Company`,
    (index) => `"Name ${index}"x,${email(index)},,Company`,
    (index) => `Name ${index},${email(index)}`,
    (index) => `Name ${index},${email(index)},1,Company,too,many`,
    (index) => `Name\0${index},${email(index)},,Company`,
    (index) => `Name ${index} \xff\xfe,${email(index)},,Company`,
    (index) => `${'x'.repeat(5_000)}${index},${email(index)},,Company`,
    (index) => `Name ${index},${varied(email(Math.floor(random() * index)))},,Company`,
    (index) => `Name ${index},${varied(email(Math.max(0, index - 1)))},2,Company`,
    (index) => `Name ${index},${varied(pick(known))},3,Company`,
  ];
  const lines: Buffer[] = [Buffer.from('name,email,phone,company\n')];
  for (let index = 0; index < records; index++) {
    const isBad = random() < 0.15;
    const text = isBad ? pick(bad)(index) : good(index);
    lines.push(Buffer.from(text, text.includes('\xff') ? 'latin1' : 'utf8'));
    lines.push(Buffer.from(pick(['\n', '\n', '\r\n'])));
  }
  const bytes = Buffer.concat(lines);
  return { table: CUSTOMERS, owner, bytes, known, ...expectation(bytes, known) };
}

/** The result of the oracle's reader, with duplicates resolved: the first in the file wins, ignoring case. */
export function expectation(
  bytes: Uint8Array,
  known: readonly string[],
): Pick<DirtyFile, 'records' | 'accepted' | 'rejected'> {
  const rows: OracleRow[] | undefined = oracleRows(bytes, {
    delimiter: ',',
    maxRecordBytes: MAX_RECORD_BYTES,
  });
  if (!rows) throw new Error('the file that was made has no usable header');
  const owners = new Map<string, 'known' | 'file'>(known.map((email) => [email.toLowerCase(), 'known']));
  const accepted: DirtyFile['accepted'] = [];
  const rejected: DirtyFile['rejected'] = [];
  for (const row of rows) {
    if ('code' in row) {
      rejected.push([row.rowNumber, row.line, row.code]);
      continue;
    }
    const email = row.values[1]!.toLowerCase();
    const owner = owners.get(email);
    if (owner === undefined) {
      owners.set(email, 'file');
      accepted.push([row.rowNumber, ...row.values]);
    } else {
      rejected.push([
        row.rowNumber,
        row.line,
        owner === 'known' ? 'already_in_customers' : 'duplicate_in_file',
      ]);
    }
  }
  return { records: rows.length, accepted, rejected };
}

/** The limit of the suite's daemons: small, so that records beyond it are cheap. */
export const MAX_RECORD_BYTES = 4_000;
