/** Notices about files in the live views: yellow, wrapped between words, limited. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { type ShownNotices, showCommand } from '../report/notices.js';
import type { Paint } from '../text/paint.js';
import { plural } from '../text/text.js';

/** While files are being loaded: the maximum number of notices, and the maximum length of each. */
export const NOTICES_LIVE = { most: 2, length: 120 };
/** At the end, when the lines stay on the terminal. */
export const NOTICES_ENDED = { most: 5, length: 240 };

/**
 * Lines no wider than `width` cells.
 * @param typed writes a command as the user has to type it
 * @param jobIds of the jobs whose notices they are: for one, the command that shows all is added
 */
export function noticeBlock(
  { texts, more }: ShownNotices,
  paint: Paint,
  width: number,
  typed: (text: string) => string,
  jobIds: readonly (string | undefined)[],
): string[] {
  const lines = texts.flatMap((text) =>
    wrapAnsi(text, Math.max(8, width - 2), { hard: true })
      .split('\n')
      .map((line, index) => `${index === 0 ? paint.yellow('!') : ' '} ${paint.yellow(line)}`),
  );
  if (more === 0) return lines;
  const [text, command] = [
    `  ${plural(more, 'more notice')}`,
    jobIds.length === 1 ? `: ${typed(showCommand(jobIds[0]))}` : '',
  ];
  return [...lines, paint.dim(stringWidth(text + command) <= width ? text + command : text)];
}
