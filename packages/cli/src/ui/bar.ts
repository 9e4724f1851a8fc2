/** Bars and sparklines made of characters; the caller adds colour. */

const SPARKS = '▁▂▃▄▅▆▇█';

/** A bar of `width` cells: the filled and the empty part, with half cells. */
export function bar(fraction: number, width: number): { filled: string; empty: string } {
  const halves = Math.floor(Math.min(1, Math.max(0, fraction)) * width * 2);
  const whole = Math.floor(halves / 2);
  const half = halves % 2 === 1 ? '╸' : '';
  return { filled: '━'.repeat(whole) + half, empty: '─'.repeat(Math.max(0, width - whole - half.length)) };
}

/** The last values as a line of at most `width` cells; the largest value is the highest. */
export function sparkline(values: readonly number[], width: number): string {
  const last = values.slice(-width);
  const most = Math.max(...last, 0);
  if (most === 0) return '';
  return last
    .map(
      (value) =>
        SPARKS[Math.min(SPARKS.length - 1, Math.floor((Math.max(0, value) / most) * (SPARKS.length - 1)))],
    )
    .join('');
}
