/** The terminal's size, updated as it is resized. */
import { useStdout } from 'ink';
import { useEffect, useState } from 'react';

const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/**
 * Returns columns and rows.
 *
 * @param wholeScreen whether the view has the screen to itself. If so, clears it when the terminal is resized: a
 * terminal that becomes narrower wraps the lines of the last frame, and Ink no longer knows how many there are. Ink
 * writes the escape sequence, and then draws its frame again, even if the frame does not change, as when the terminal
 * only becomes taller.
 */
export function useTerminalSize({ wholeScreen = false } = {}): { columns: number; rows: number } {
  const { stdout, write } = useStdout();
  const read = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const [size, setSize] = useState(read);
  useEffect(() => {
    const onResize = () => {
      if (wholeScreen) write(CLEAR_SCREEN);
      setSize({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
    };
    stdout.on('resize', onResize);
    return () => void stdout.off('resize', onResize);
  }, [stdout, write, wholeScreen]);
  return size;
}
