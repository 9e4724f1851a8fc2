/** The terminal's size, followed as it is resized. */
import { useStdout } from 'ink';
import { useEffect, useState } from 'react';

/** @param resized told before what is drawn is drawn anew; the same function at each call */
export function useTerminalSize(resized: (stdout: NodeJS.WriteStream) => void = nothing): {
  columns: number;
  rows: number;
} {
  const { stdout } = useStdout();
  const read = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const [size, setSize] = useState(read);
  useEffect(() => {
    const onResize = () => {
      resized(stdout);
      setSize({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
    };
    stdout.on('resize', onResize);
    return () => void stdout.off('resize', onResize);
  }, [stdout, resized]);
  return size;
}

function nothing(): void {}
