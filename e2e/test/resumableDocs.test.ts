/** The commands of docs/api.md, "Resumable uploads", unchanged: an unmodified tus-js-client, and curl. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resumableUploadSchema } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { openPlace, type Place } from '../support/place.js';
import { startUploadProxy, type UploadProxy } from '../support/uploadProxy.js';

const run = promisify(execFile);
const TOKEN = 'planted-token-of-the-uploads';
const MiB = 1024 * 1024;
const HERE = fileURLToPath(new URL('.', import.meta.url));

const section = readFileSync(fileURLToPath(new URL('../../docs/api.md', import.meta.url)), 'utf8')
  .split('## Resumable uploads')[1]!
  .split('\n## ')[0]!;
const example = (language: string) =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``)
    .exec(section)![1]!
    .replaceAll('http://127.0.0.1:4000', proxy.url);

let place: Place;
let proxy: UploadProxy;
let file: string;

beforeEach(async () => {
  place = await openPlace();
  const daemon = await place.start({ API_TOKEN: TOKEN }, '--role', 'api');
  proxy = await startUploadProxy(daemon.url);
  file = join(place.folder, 'customers.csv');
  const line = 'Ada Lovelace,ada@example.org,,Analytical Engines\n';
  await writeFile(file, `name,email,phone,company\n${line.repeat((8 * MiB) / line.length)}`);
});
afterEach(async () => {
  await proxy.close();
  await place.close();
});

const env = { ...process.env, CSVJOBS_TOKEN: TOKEN };

function isStored(id: string): void {
  expect(readFileSync(join(place.folder, 'uploads', id)).equals(readFileSync(file))).toBe(true);
}

test('tus-js-client, over a breaking connection', LONG, async () => {
  proxy.rule({ cutAfter: (connection) => (connection === 1 ? 3 * MiB : Number.POSITIVE_INFINITY) });
  const code = example('js').replace(
    "createReadStream('customers.csv')",
    `createReadStream(${JSON.stringify(file)})`,
  );
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: HERE, env });
  isStored(stdout.trim());
});

test('curl starts, and resumes after the break', async () => {
  const [begin = '', rest = ''] = example('bash').split('\n\n');
  const script = `set -e
${begin}
head -c 100000 customers.csv | curl -sS -X PATCH -H "$auth" -H "$tus" -H 'Upload-Offset: 0' \\
  -H 'Content-Type: application/offset+octet-stream' -T - "$upload"
${rest}`;
  const { stdout } = await run('bash', ['-c', script], { cwd: place.folder, env });
  const { uploaded } = resumableUploadSchema.parse(JSON.parse(stdout));
  isStored(uploaded?.jobId ?? '');
});
