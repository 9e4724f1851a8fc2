/** Programs run and timed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Runs a program to its end. Rejects with what it said when it ends with a code that is not in `accept`. */
export async function runTimed(program, args, { accept = [0], ...options } = {}) {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [code, signal] = await once(child, 'close');
  const seconds = (performance.now() - started) / 1000;
  if (!accept.includes(code)) throw new Error(`${program} ended with ${code ?? signal}\n${said || out}`);
  return { seconds, out, said };
}

/** Runs a Node program whose argument is a task and whose output is a result, both JSON. */
export async function runJson(program, task) {
  const { out } = await runTimed(process.execPath, [program, JSON.stringify(task)]);
  return JSON.parse(out);
}

/** Whether a program is on the PATH. */
export function isInstalled(program) {
  return spawnSync('which', [program]).status === 0;
}

/** The most memory that a running process has had, in MiB (Linux). */
export function peakRssMiB(pid) {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB$/m);
  return Number(line[1]) / 1024;
}
