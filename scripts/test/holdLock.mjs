// Holds the lock (first argument) while it adds one to the number in a file (second), slowly enough to be seen.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { withLock } from '../lock.mjs';

const [, , lock, counter] = process.argv;
await withLock(lock, async () => {
  const before = Number(readFileSync(counter, 'utf8'));
  await pause(30);
  writeFileSync(counter, String(before + 1));
});
