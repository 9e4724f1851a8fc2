/** The terminal's size, followed as it is resized. */
import { useStdout } from 'ink';
import { useEffect, useState } from 'react';

const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/**
 * Columns and rows.
 *
 * @param wholeScreen whether the view has the screen to itself. Then it is cleared when the terminal is resized: a terminal that
 * becomes narrower has broken the lines of the last frame, and Ink no longer knows how many there are. It is Ink that writes
 * this: it draws its frame again, also where the frame stays the same, as with a terminal that only becomes higher.
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
