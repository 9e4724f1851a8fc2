/** Drawing in place on a terminal that becomes narrower. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/**
 * The stream as Ink is to be given it. When a terminal becomes narrower it breaks the lines of the frame that is on it;
 * Ink erases as many lines as it has written, and leaves the first ones standing. Those that the terminal has made are
 * erased here, before Ink is told of the new size.
 */
export function erasingBrokenLines(stream: NodeJS.WriteStream): {
  stream: NodeJS.WriteStream;
  close(): void;
} {
  let frame: string[] = [];
  let columns = stream.columns;
  const write = (...args: Parameters<NodeJS.WriteStream['write']>) => {
    const text = stripVTControlCharacters(String(args[0]));
    if (text.trim() !== '') frame = text.split('\n');
    return stream.write(...args);
  };
  const erase = () => {
    const more = stream.columns < columns ? brokenOff(frame, stream.columns) : 0;
    columns = stream.columns;
    // Up a line and away with it, as often as there are lines too many.
    stream.write('\u001b[2K\u001b[1A'.repeat(more));
  };
  stream.prependListener('resize', erase);
  return {
    stream: new Proxy(stream, {
      get(target, key) {
        if (key === 'write') return write;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }),
    close: () => void stream.off('resize', erase),
  };
}

/** How many lines more than these a terminal of so many columns has made of them. */
export function brokenOff(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(0, Math.ceil(stringWidth(line) / columns) - 1), 0);
}
