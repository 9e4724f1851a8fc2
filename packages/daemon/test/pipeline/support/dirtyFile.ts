/** A file with every kind of fault, for tests that load it twice in different ways. */

/** Many records with few e-mails, in many cases and scripts, with every kind of damage in between. */
export function dirtyFile(seed: number, records: number): Buffer {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  const lines = ['name,email,phone,company'];
  for (let row = 0; row < records; row++) {
    const user = pick(['ann', 'Ann', 'ANN', 'bob', 'cy']) + random(records);
    const email = `${user}@${pick(['b.co', 'B.CO', 'k.de', '\u212a.de', 'münchen.de', 'MÜNCHEN.de', 'İx.de', 'ix.de'])}`;
    const name = pick(['Ann', '"A, B"', '"say ""hi"""', '"two\nlines"', 'Zoë', ' padded ', '']);
    const damage = random(20);
    if (damage === 0) lines.push(`x"y,${email},,Acme`);
    else if (damage === 1) lines.push(`"open,${email},,Acme`);
    else if (damage === 2) lines.push(`too,few`);
    else if (damage === 3) lines.push(`Ann,${email},,\0`);
    else if (damage === 4) lines.push('');
    else if (damage === 5) lines.push(`Ann,not an e-mail,,`);
    else lines.push(`${name},${email},${pick(['', '12'])},${pick(['Acme', '"Q, R"'])}`);
  }
  return Buffer.from(`${lines.join(pick(['\n', '\r\n']))}\n`);
}
