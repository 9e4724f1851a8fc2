/** Lines of a frame in blocks. In a low terminal, the least important blocks give way. */

export interface Block {
  lines: readonly string[];
  /** Blocks with a higher rank give way first. */
  rank: number;
}

/** The lines of all blocks in order, at most `height`. Lines that do not fit are removed from the ends of blocks. */
export function fitBlocks(blocks: readonly Block[], height: number): string[] {
  const kept = blocks.map(({ lines }) => lines.length);
  let over = kept.reduce((sum, lines) => sum + lines, 0) - Math.max(0, height);
  const leastNeeded = blocks
    .map((block, index) => ({ rank: block.rank, index }))
    .sort((a, b) => b.rank - a.rank || b.index - a.index);
  for (const { index } of leastNeeded) {
    const cut = Math.min(Math.max(0, over), kept[index] ?? 0);
    kept[index] = (kept[index] ?? 0) - cut;
    over -= cut;
  }
  return blocks.flatMap(({ lines }, index) => lines.slice(0, kept[index]));
}

/** Parts side by side, wrapped between parts into lines of at most `width` cells. */
export function flow(
  parts: readonly string[],
  gap: string,
  width: number,
  measure: (text: string) => number,
): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last}${gap}${part}`;
    if (last !== undefined && measure(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}
