/** On a terminal of 40 columns, what commands print about a file, the settings and a daemon breaks between words. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf } from '../../daemon/test/support/form.js';
import { Peer } from './peer.js';
import { csvjobs, folder, plainText, startOnTerminal } from './spawn.js';

const COLUMNS = 40;

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

const CONTENT =
  'full_name,email,phone,company\nAnn,ann-at-example.com,1,Acme\nBea,,2,Acme\nCid,c@example.com,3,\n';

for (const [name, rest] of [
  ['check', ['customers.csv']],
  ['sniff', ['customers.csv']],
  ['doctor', []],
  ['daemon', ['status']],
  ['config', ['list']],
] as [string, string[]][])
  test(name, inShortIf(name === 'check'), async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'customers.csv'), CONTENT);
    const env = { CSVJOBS_URL: peer.url, CSVJOBS_TOKEN: 'secret' };
    const { stdout } = await startOnTerminal([name, ...rest], { env, cwd, columns: COLUMNS }).ended;
    const lines = plainText(stdout).replaceAll('\r', '').trimEnd().split('\n');
    const wide = lines.filter((line) => line.length > COLUMNS && !line.trim().startsWith('csvjobs '));
    expect(wide).toEqual([]);
    // In a pipe each of them is whole.
    const piped = await csvjobs([name, ...rest], { env, cwd });
    const words = (text: string) => text.match(/(?<![\w.])[a-z]{3,}(?![\w.])/g) ?? [];
    expect(words(plainText(stdout))).toEqual(expect.arrayContaining(words(piped.stdout)));
  });
