/** `csvjobs sniff`: detects a file's format by the daemon's own rules, and shows the equivalent options. */
import { stat } from 'node:fs/promises';
import type { ReadAs } from '../client/daemonClient.js';
import { type DialectFlags, dialectOptions } from '../config/dialectOptions.js';
import { withOptions } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { sniffed } from '../localDaemon/checkProgram.js';
import { readOptions, sniffLines } from '../text/sniffed.js';
import { toJson } from '../text/text.js';
import { openLocal } from './localFile.js';
import { refusal } from './refusal.js';

/**
 * Prints what was found on stdout. @throws UserError (exit 2) for a file that cannot be read, or only with an option
 */
export async function sniff(
  context: Context,
  file: string,
  readAs: ReadAs,
  flags: DialectFlags = {},
): Promise<ExitCode> {
  const { path, remove } = await openLocal(context, file);
  try {
    const answer = await sniffed(
      path,
      { ...readAs, spec: withOptions(undefined, flags)?.bytes },
      context.signal,
    );
    if (answer.type === 'refused') throw refusal(file, answer);
    const { type: _, ...found } = answer;
    const { out, json } = context;
    if (json) {
      out.line(
        toJson(
          { file, ...found, options: [...readOptions(found), ...dialectOptions(flags)] },
          out.tty ? 2 : undefined,
        ),
      );
      return EXIT.done;
    }
    const { size } = await stat(path);
    for (const line of await sniffLines(
      { file, size, said: dialectOptions(flags), ...found },
      out.paint,
      out.columns,
    ))
      out.hint(line);
    return EXIT.done;
  } finally {
    await remove();
  }
}
