/** What is to be known of files, in the live views: yellow, broken between words, bounded. */
import { Box, Text } from 'ink';
import type { ShownNotices } from '../report/notices.js';
import type { Paint } from '../text/paint.js';
import { plural } from '../text/text.js';

/** While files are on their way a view must not be taller than the terminal: so much of each, and so many. */
export const NOTICES_LIVE = { most: 2, length: 120 };
/** At the end what is drawn stays, however long. */
export const NOTICES_ENDED = { most: 5, length: 240 };

export function Notices({
  shown: { texts, more },
  paint,
  width,
}: {
  shown: ShownNotices;
  paint: Paint;
  width: number;
}) {
  if (texts.length === 0) return null;
  return (
    <Box flexDirection="column" width={width}>
      {texts.map((text) => (
        <Box key={text} columnGap={1}>
          <Box flexShrink={0}>
            <Text>{paint.yellow('!')}</Text>
          </Box>
          <Text>{paint.yellow(text)}</Text>
        </Box>
      ))}
      {more > 0 && <Text>{paint.dim(`  ${plural(more, 'more notice')}: csvjobs show`)}</Text>}
    </Box>
  );
}
