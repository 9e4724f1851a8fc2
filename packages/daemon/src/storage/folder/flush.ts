import { open } from 'node:fs/promises';

/** Makes new and removed names of a folder durable. Not every platform can open a folder; there it is left out. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
