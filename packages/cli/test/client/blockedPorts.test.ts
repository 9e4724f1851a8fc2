/** The ports that fetch blocks, as fetch itself says. */
import { expect, test } from 'vitest';
import { isBlockedPort } from '../../src/client/blockedPorts.js';

/** fetch looks at the port before it connects. */
async function fetchBlocks(port: number): Promise<boolean> {
  const why = await fetch(`http://127.0.0.1:${port}`).then(
    (response) => response.body?.cancel(),
    (error: Error) => (error.cause as Error | undefined)?.message,
  );
  return why === 'bad port';
}

test('those of the Fetch standard, and no others', async () => {
  const ports = [...Array(1100).keys()]
    .slice(1)
    .concat(
      [1719, 1720, 1723, 2049, 3000, 3659, 4000, 4045, 4190],
      [5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 8000, 10080],
    );
  const found: number[] = [];
  for (const port of ports) if (await fetchBlocks(port)) found.push(port);
  expect(ports.filter((port) => isBlockedPort(new URL(`http://127.0.0.1:${port}`)))).toEqual(found);
});
