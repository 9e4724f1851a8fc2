import { open } from 'node:fs/promises';

/**
 * Makes new and removed names in a folder durable. Some platforms cannot open a folder; there it does
 * nothing.
 */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
