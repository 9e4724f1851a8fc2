/** A shell on a pseudo-terminal; every change is recorded as cells of a terminal emulator. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import xterm from '@xterm/headless';

/** Adjacent cells of the same style. */
export interface Run {
  column: number;
  text: string;
  /** A number of the 256-colour palette, or undefined for the terminal's own. */
  colour: number | undefined;
  bold: boolean;
  dim: boolean;
}

/** The screen from a point in time on. */
export interface Frame {
  /** Milliseconds since the recording started. */
  at: number;
  lines: Run[][];
}

export interface Terminal {
  frames: Frame[];
  /** The current screen, without spaces at the ends of lines. */
  text(): string;
  /** The same with the lines that have left the screen at the top. */
  history(): string;
  /** Types a command, presses Enter and waits for the next prompt. @param pace ms between two keys */
  command(line: string, pace: number): Promise<void>;
  close(): Promise<void>;
}

export const PROMPT = '$ ';

/** Starts sh(1) in a folder. */
export async function openTerminal(options: {
  columns: number;
  rows: number;
  cwd: string;
  env: Record<string, string>;
}): Promise<Terminal> {
  const { columns, rows, cwd, env } = options;
  const child = spawn('script', ['-qec', `stty cols ${columns} rows ${rows}; exec sh -i`, '/dev/null'], {
    cwd,
    env: { TERM: 'xterm-256color', SHELL: '/bin/sh', PS1: PROMPT, ...env },
  });
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const frames: Frame[] = [];
  const began = performance.now();
  let changed: () => void = () => {};
  const text = (from?: number) => linesOf(screen, from).map(plain).join('\n').trimEnd();
  child.stdout.setEncoding('utf8').on('data', (bytes: string) =>
    screen.write(bytes, () => {
      frames.push({ at: performance.now() - began, lines: linesOf(screen) });
      changed();
    }),
  );
  screen.onData((answer) => child.stdin.write(answer));
  const ended = once(child, 'close');

  /** Waits until the cursor is after a prompt. */
  async function prompt(): Promise<void> {
    const { active } = screen.buffer;
    const ready = () => {
      const line = active.getLine(active.baseY + active.cursorY);
      return line?.translateToString(false, 0, active.cursorX) === PROMPT;
    };
    while (!ready())
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
  }

  await prompt();
  return {
    frames,
    text: () => text(),
    history: () => text(0),
    async command(line, pace) {
      for (const key of line) {
        child.stdin.write(key);
        await setTimeout(pace);
      }
      const before = frames.length;
      child.stdin.write('\r');
      while (frames.length === before) await setTimeout(1);
      await prompt();
    },
    async close() {
      child.stdin.end('\x04');
      await ended;
      screen.dispose();
    },
  };
}

function plain(line: Run[]): string {
  return line.reduce((text, run) => text.padEnd(run.column) + run.text, '').trimEnd();
}

/** @param from a line of the buffer, by default the first on the screen */
function linesOf(screen: InstanceType<typeof xterm.Terminal>, from?: number): Run[][] {
  const { active } = screen.buffer;
  const first = from ?? active.baseY;
  return Array.from({ length: active.baseY + screen.rows - first }, (_, row) => {
    const line = active.getLine(first + row);
    const runs: Run[] = [];
    for (let column = 0; line && column < screen.cols; column++) {
      const cell = line.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      const look = {
        colour: cell.isFgDefault() ? undefined : cell.getFgColor(),
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
      };
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim)
        last.text += text;
      else runs.push({ column, text, ...look });
    }
    return runs.filter(({ text }) => text.trim() !== '').map(withoutSpaces);
  });
}

/** Only its text, at its position: SVG drops spaces at the start of a text. */
function withoutSpaces({ column, text, ...look }: Run): Run {
  return { column: column + text.length - text.trimStart().length, text: text.trim(), ...look };
}
