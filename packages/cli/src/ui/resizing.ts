/** Drawing in place on a terminal that becomes narrower. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/**
 * The stream to pass to Ink. A terminal that becomes narrower wraps the lines of the current frame. Ink erases only as
 * many lines as it wrote, and leaves the first ones standing. This stream erases the additional lines before Ink sees
 * the new size.
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
    // For each additional line: erase the line and move up.
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

/** Number of additional lines that a terminal of the given width makes of these lines by wrapping. */
export function brokenOff(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(0, Math.ceil(stringWidth(line) / columns) - 1), 0);
}
