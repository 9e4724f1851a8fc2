/** What a user sees of a program on a pseudo-terminal: its output, drawn by a headless terminal emulator. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import type { Running } from './spawn.js';

/** Longer than anything takes at a load of 30, so that a missing output is reported together with the actual one. */
const PATIENCE_MS = 120_000;

export interface Screen {
  /** The lines on the screen, without the spaces at their ends. */
  lines(): string[];
  text(): string;
  /** The line with the cursor, up to the cursor. */
  beforeCursor(): string;
  /** Waits until the screen passes; fails if the program ends first, or it never does. */
  until(passes: (screen: Screen) => boolean): Promise<void>;
  /** Resizes the emulator and the program's terminal (SIGWINCH). */
  resize(columns: number, rows?: number): void;
}

/** The screen of a program started with `startOnTerminal` or `startCommandOnTerminal`. */
export function screenOf({ child, ended }: Running, columns: number, rows = 24): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  onTestFinished(() => terminal.dispose());
  const waiting = new Set<() => void>();
  const look = () => {
    for (const check of waiting) check();
  };
  child.stdout?.on('data', (text: string) => terminal.write(text, look));
  // Answers queries of the program (where is the cursor?), as a terminal would.
  terminal.onData((answer) => child.stdin?.write(answer));

  const lines = () =>
    Array.from({ length: terminal.rows }, (_, row) => {
      const { active } = terminal.buffer;
      return active.getLine(active.baseY + row)?.translateToString(true) ?? '';
    });
  const screen: Screen = {
    lines,
    text: () => lines().join('\n').trimEnd(),
    beforeCursor() {
      const { active } = terminal.buffer;
      const line = active.getLine(active.baseY + active.cursorY);
      return line?.translateToString(false, 0, active.cursorX) ?? '';
    },
    until: (passes) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`waited ${PATIENCE_MS} ms in vain; on the screen:\n${screen.text()}`)),
          PATIENCE_MS,
        );
        const check = () => {
          if (!passes(screen)) return;
          waiting.delete(check);
          clearTimeout(late);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => {
          clearTimeout(late);
          terminal.write('', () => reject(new Error(`ended before:\n${screen.text()}`)));
        });
      }),
    resize(to, high = terminal.rows) {
      terminal.resize(to, high);
      execFileSync('stty', ['-F', terminalOf(child.pid ?? 0), 'cols', String(to), 'rows', String(high)]);
    },
  };
  return screen;
}

/** The pseudo-terminal where script(1) runs its command. */
function terminalOf(script: number): string {
  const [program] = readFileSync(`/proc/${script}/task/${script}/children`, 'utf8').split(' ');
  return readlinkSync(`/proc/${program}/fd/2`);
}
