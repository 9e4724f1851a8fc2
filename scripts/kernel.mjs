// Compiles the kernel (packages/daemon/kernel, AssemblyScript) to WebAssembly, and writes it as text into a module of the daemon. So
// tsc is the only compiler that a build needs, and the package has no file that bundlers must know about. The AssemblyScript
// compiler takes 100 MB, and only those who change the kernel need it: this script installs it beside the kernel.
// `npm run kernel`; with --check it only says whether the module is what the sources give (exit 0 or 1).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const daemon = resolve(fileURLToPath(import.meta.url), '../../packages/daemon');
const kernel = join(daemon, 'kernel');
const module = join(daemon, 'src/pipeline/target/plain/kernelCode.ts');
/** Modules of the daemon that the kernel imports. */
const SHARED = [
  'src/pipeline/keys/keyPairs.ts',
  'src/pipeline/target/plain/memoryLayout.ts',
  'src/rows/types/kernelKinds.ts',
  'src/rows/types/writeResults.ts',
];
/** Number of characters in a line of the module. */
const LINE = 100;

if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(module, 'utf8').includes(sourcesHash());
  if (!isCurrent)
    console.error('kernelCode.ts is not what packages/daemon/kernel gives; run: npm run kernel');
  process.exitCode = isCurrent ? 0 : 1;
} else {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: kernel, stdio: 'inherit' });
  writeFileSync(module, moduleText(compiled()));
}

/** Of everything that the code depends on, in a fixed order. */
function sourcesHash() {
  const own = readdirSync(kernel).filter((name) => name.endsWith('.ts') || name === 'package-lock.json');
  const hash = createHash('sha256');
  for (const path of [
    ...own.sort().map((name) => join('kernel', name)),
    ...SHARED,
    '../../scripts/kernel.mjs',
  ])
    hash.update(path).update(readFileSync(join(daemon, path)));
  return hash.digest('hex');
}

function compiled() {
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    const how = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--disable', 'bulk-memory'];
    const memory = ['--importMemory', '--noExportMemory'];
    const program = join(kernel, 'node_modules/assemblyscript/bin/asc.js');
    execFileSync('node', [program, 'main.ts', '-o', out, ...how, ...memory], {
      cwd: kernel,
      stdio: 'inherit',
    });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function moduleText(code) {
  const lines = code.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g'));
  return `// Written by \`npm run kernel\` from packages/daemon/kernel; do not edit.

// Of these sources (\`npm run check\` compares it): ${sourcesHash()}

/** WebAssembly as base64. */
export const CODE =
  '${lines.join("' +\n  '")}';
`;
}
