/** A file of customers generated from a seed, and the expected outcome of each record, known while it is generated. */

export interface MadeFile {
  text: string;
  /** The rows expected in customers, by row number. */
  good: Map<number, [name: string, email: string, phone: string | null, company: string]>;
  /** The rejects expected in the report, by row number: the line and the message. */
  bad: Map<number, string>;
}

/** Pseudo-random numbers (mulberry32): the same for the same seed, on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

/** `records` records, a share of about `badShare` bad in one of several ways; many fields with commas, quotes, line ends. */
export function makeCustomers(records: number, badShare: number, seed = 1): MadeFile {
  const random = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const lines = ['company,name,notes,email,phone'];
  const good: MadeFile['good'] = new Map();
  const bad: MadeFile['bad'] = new Map();
  const winners: { email: string; row: number }[] = [];
  let line = 2;

  for (let row = 1; row <= records; row++) {
    const name = pick([
      'Zoë Ångström',
      'Smith, John',
      'Dwayne "The Rock" Johnson',
      'Two\nLines',
      `Plain ${row}`,
    ]);
    const email = `${pick(['Info', 'sales', 'x.y+tag'])}${row}@${pick(['example.com', 'münchen.example', 'Sub.Example.ORG'])}`;
    const phone = pick(['', '+1 555 0100', '(030) 123, ext. 4']);
    const company = pick(['Ålesund & Sons', 'A "quoted" one', 'Comma, Inc.', 'Plain Ltd']);
    const note = pick(['', 'nothing, really', 'a\r\nb']);
    const record = (fields: { name?: string; email?: string; company?: string } = {}) => {
      const all = { name, email, company, ...fields };
      return [all.company, all.name, note, all.email, phone]
        .map((value) => (/[",\r\n]/.test(value) ? quoted(value) : value))
        .join(',');
    };
    const make = (): { text: string; message?: string } => {
      if (random() >= badShare) return { text: record() };
      switch (Math.floor(random() * 7)) {
        case 0:
          return { text: record({ name: '  ' }), message: 'name is required' };
        case 1:
          return { text: record({ email: 'nobody at home' }), message: 'email is not a valid address' };
        case 2:
          return {
            text: record({ company: '', email: '' }),
            message: 'email is required; company is required',
          };
        case 3:
          return {
            text: 'Acme,only two',
            message:
              '2 fields where the header has 5; quote a field that has the delimiter or a line end in it',
          };
        case 4:
          return {
            text: `Acme,An "un"quoted one,,${email},`,
            message:
              'quote in the middle of an unquoted field; put the whole field in quotes and double the quotes inside it, or keep them as text with --quotes lenient',
          };
        default: {
          const winner = winners[Math.floor(random() * winners.length)];
          if (!winner) return { text: record() };
          return {
            text: record({ email: random() < 0.5 ? winner.email.toUpperCase() : winner.email }),
            message: `duplicate of row ${winner.row}`,
          };
        }
      }
    };
    const { text, message } = make();
    lines.push(text);
    const start = line;
    line += 1 + (text.match(/\r\n|\r|\n/g)?.length ?? 0);
    if (message === undefined) {
      good.set(row, [name, email, phone || null, company]);
      winners.push({ email, row });
    } else bad.set(row, `line ${start}: ${message}`);
  }
  return { text: `${lines.join('\n')}\n`, good, bad };
}
