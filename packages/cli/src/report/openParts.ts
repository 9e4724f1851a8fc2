/** The part files of reports that this process is writing; `main` removes them when it exits without waiting. */
import { rmSync } from 'node:fs';

const open = new Set<string>();

export function noteOpen(part: string): void {
  open.add(part);
}

export function noteClosed(part: string): void {
  open.delete(part);
}

/** Removes them all at once. */
export function removeParts(): void {
  for (const part of open) rmSync(part, { force: true });
  open.clear();
}
