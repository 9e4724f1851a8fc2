/** Where the kernel cannot run, files are read without it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const module = fileURLToPath(new URL('../../../../dist/pipeline/target/plain/kernel.js', import.meta.url));
const sizes = { text: 16, rows: 16, records: 16, pairs: 16, starts: 16, ends: 16, tables: 16 };
const program = `import { startKernel } from ${JSON.stringify(module)};
  console.log(startKernel(${JSON.stringify(sizes)}, () => 0) === undefined ? 'without' : 'with');`;

const run = promisify(execFile);
const startedAs = async (file: string, args: string[]) => (await run(file, args)).stdout.trim();
const node = ['--input-type=module', '-e', program];

it('runs in Node.js as it is', async () => {
  expect(await startedAs(process.execPath, node)).toBe('with');
});

it('is left out without WebAssembly', async () => {
  expect(await startedAs(process.execPath, ['--jitless', ...node])).toBe('without');
});

/** Up to Node.js 22, V8 reserves more than 8 GiB of addresses for each memory of WebAssembly; from 24 on it can do without. */
const RESERVES = Number.parseInt(process.versions.node, 10) < 24;

it.runIf(process.platform === 'linux')('is left out if the system limits addresses it needs', async () => {
  const limited = `ulimit -v 4000000; exec "$0" "$@"`;
  const started = await startedAs('sh', ['-c', limited, process.execPath, ...node]);
  expect(started).toBe(RESERVES ? 'without' : 'with');
});
