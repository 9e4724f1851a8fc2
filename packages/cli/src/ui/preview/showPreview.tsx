/** Draws the records of a preview on a terminal, once. */
import { render } from 'ink';
import type { Output } from '../../context.js';
import { PreviewView } from './PreviewView.js';

/** @param lines at most as wide as the terminal */
export async function showPreview(
  { stream }: Pick<Output, 'stream'>,
  lines: readonly string[],
): Promise<void> {
  const ink = render(<PreviewView lines={lines} />, {
    stdout: stream,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  ink.unmount();
  await ink.waitUntilExit();
}
