/** The screens in docs/mapping.md are what the program draws (`vitest run -u` rewrites them). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VANS, writeVans } from './mapVans.js';
import { Peer } from './peer.js';
import { screenOf } from './screen.js';
import { folder, startOnTerminal } from './spawn.js';

const FILE = fileURLToPath(new URL('../../../docs/mapping.md', import.meta.url));

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [VANS];
});
afterEach(() => peer.close());

/** The screen after all keys have taken effect. */
async function drawn(columns: number, keys: readonly [keys: string, seen: string][]): Promise<string> {
  const cwd = folder();
  writeVans(cwd);
  const args = ['map', 'vans.csv', '--into', 'shop.vans'];
  const running = startOnTerminal(args, { env: { CSVJOBS_URL: peer.url }, columns, cwd });
  const screen = screenOf(running, columns);
  for (const [typed, seen] of keys) {
    running.child.stdin?.write(typed);
    await screen.until(() => screen.text().includes(seen));
  }
  const text = screen.text();
  running.child.stdin?.write('\u0003');
  await running.ended;
  const lines = text.split('\n').map((line) => line.trimEnd());
  return `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`;
}

test('docs/mapping.md has the screens as they are drawn', async () => {
  const first: [string, string][] = [
    ['', '✗ nothing fills crew'],
    ['\r', 'enter take it'],
    ['\r', '2 good'],
  ];
  const screens: Record<string, string> = {
    80: await drawn(80, [...first, ['+', 'enter take it'], ['\r', 'Front + Rear'], ['', '2 good']]),
    120: await drawn(120, [...first, ['+', 'enter take it']]),
  };
  const written = readFileSync(FILE, 'utf8').replace(
    /(<!-- screen: (\d+) -->\n)[\s\S]*?(<!-- \/screen -->)/g,
    (_block, head: string, columns: string, tail: string) => head + screens[columns] + tail,
  );
  await expect(written).toMatchFileSnapshot(FILE);
});
