/** The terminal's alternate screen, as less and top use it: the earlier content comes back afterwards. */
export function alternateScreen(stream: NodeJS.WriteStream): { stream: NodeJS.WriteStream; close(): void } {
  stream.write('\u001b[?1049h\u001b[H');
  return { stream, close: () => void stream.write('\u001b[?1049l') };
}
