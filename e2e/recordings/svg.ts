/** Terminal frames as an animated SVG, which browsers show like any image. Without scripts or embedded fonts. */
import type { Frame, Run } from './terminal.js';

const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;
/** Frames closer than this are merged: 25 per second look smooth and keep the file small. */
const MERGED_MS = 40;
/** How long the last frame stays. */
const END_MS = 6_000;
/** The longest pause between frames. */
const MOST_MS = 1_500;

/** The sixteen colours of GitHub's dark theme, by their ANSI numbers. */
const COLOURS = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
];

/** @param title the text for screen readers */
export function drawSvg(frames: readonly Frame[], { columns, rows, title }: Drawing): string {
  const shown = withPace(merged(frames));
  const total = shown.at(-1)!.at + END_MS;
  const width = round(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  const steps = shown.map(
    ({ at }, index) => `${round((100 * at) / total)}%{transform:translateX(-${index * width}px)}`,
  );
  const drawn = shown.map(
    ({ lines }, index) => `<g transform="translate(${index * width})">${drawLines(lines)}</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}
.b{font-weight:700}.d{opacity:.6}
.film{animation:film ${round(total / 1000)}s step-end infinite}
@keyframes film{${steps.join('')}}
@media (prefers-reduced-motion:reduce){.film{animation:none;transform:translateX(-${(shown.length - 1) * width}px)}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g class="film">
${drawn.join('\n')}
</g>
</svg>
`;
}

export interface Drawing {
  columns: number;
  rows: number;
  title: string;
}

/** The text of the last frame, as the terminal showed it. */
export function lastText(svg: string): string {
  const last = svg.split('\n').findLast((line) => line.startsWith('<g transform='))!;
  const lines: string[] = [];
  for (const [, x, y, text] of last.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)<\/text>/g)) {
    const row = Math.round((Number(y) - MARGIN - CELL.height + 5) / CELL.height);
    const column = Math.round((Number(x) - MARGIN) / CELL.width);
    while (lines.length <= row) lines.push('');
    lines[row] = lines[row]!.padEnd(column) + unescaped(text!);
  }
  return lines.join('\n').trimEnd();
}

function drawLines(lines: Run[][]): string {
  return lines.flatMap((runs, row) => runs.map((run) => drawRun(run, row))).join('');
}

function drawRun({ column, text, colour, bold, dim }: Run, row: number): string {
  const place = `x="${round(MARGIN + column * CELL.width)}" y="${MARGIN + (row + 1) * CELL.height - 5}"`;
  const length = `textLength="${round([...text].length * CELL.width)}"`;
  const look = [bold && 'b', dim && 'd'].filter(Boolean).join(' ');
  const fill = colour === undefined || colour > 15 ? '' : ` style="fill:${COLOURS[colour]}"`;
  return `<text ${place} ${length}${look && ` class="${look}"`}${fill}>${escaped(text)}</text>`;
}

function merged(frames: readonly Frame[]): Frame[] {
  return frames.filter(({ at }, index) => {
    const next = frames[index + 1];
    return next === undefined || next.at - at >= MERGED_MS;
  });
}

/** Starting at 0, without long pauses. */
function withPace(frames: readonly Frame[]): Frame[] {
  let passed = 0;
  return frames.map((frame, index) => {
    passed += index === 0 ? 0 : Math.min(frame.at - frames[index - 1]!.at, MOST_MS);
    return { at: passed, lines: frame.lines };
  });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}
