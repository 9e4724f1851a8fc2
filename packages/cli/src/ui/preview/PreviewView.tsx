/**
 * The table of `csvjobs preview`. All lines but the last are static, above what Ink draws, because there may be more
 * lines than the terminal has.
 */
import { Static, Text } from 'ink';

export function PreviewView({ lines }: { lines: readonly string[] }) {
  const numbered = lines.map((text, place) => ({ text: text === '' ? ' ' : text, place }));
  const last = numbered.at(-1);
  return (
    <>
      <Static items={numbered.slice(0, -1)}>
        {({ text, place }) => (
          <Text key={place} wrap="truncate">
            {text}
          </Text>
        )}
      </Static>
      {last && <Text wrap="truncate">{last.text}</Text>}
    </>
  );
}
