/** The parts of reports that this process writes just now; `main` takes them away where it waits for nothing. */
import { rmSync } from 'node:fs';

const open = new Set<string>();

export function noteOpen(part: string): void {
  open.add(part);
}

export function noteClosed(part: string): void {
  open.delete(part);
}

/** Takes them all away, at once. */
export function removeParts(): void {
  for (const part of open) rmSync(part, { force: true });
  open.clear();
}
