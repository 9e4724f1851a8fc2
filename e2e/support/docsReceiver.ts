/** The receiver that docs/webhooks.md shows, as a process of its own. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import { startReceiver } from '../../packages/daemon/test/webhooks/support/receiver.js';

const ROOT = new URL('../../', import.meta.url);

export interface DocsReceiver {
  url: string;
  /** What it has printed. */
  printed(): string;
  stop(): void;
}

/** Starts it; when this returns, it answers. */
export async function startDocsReceiver(secret: string): Promise<DocsReceiver> {
  const docs = readFileSync(new URL('docs/webhooks.md', ROOT), 'utf8');
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(docs) ?? [];
  const port = await freePort();
  const receiver = spawn(process.execPath, ['--input-type=module'], {
    // Where its import of standardwebhooks is found.
    cwd: fileURLToPath(new URL('packages/daemon', ROOT)),
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  receiver.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  receiver.stdin.end(program);
  const url = `http://localhost:${port}/`;
  await vi.waitFor(async () => expect((await fetch(url, { method: 'POST' })).status).toBe(401));
  return { url, printed: () => printed, stop: () => void receiver.kill() };
}

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const { port, close } = await startReceiver();
  await close();
  return port;
}
