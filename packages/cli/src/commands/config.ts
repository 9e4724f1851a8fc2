/** `csvjobs config list`: lists each setting with its value and source. Never prints a token. */
import type { Settings } from '../config/settings.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { printError } from '../printError.js';
import { type Labelled, labelledLines } from '../text/labelled.js';
import type { Paint } from '../text/paint.js';
import { table, widthOf } from '../text/table.js';
import { clean, durationSetting, toJson } from '../text/text.js';

/** The effective settings; a token only as set or not. */
export function settingRows({ url, token, progress, reconnect }: Settings) {
  return [
    { name: 'url', value: url.value.href, ...from(url) },
    { name: 'token', value: token.value === undefined ? '(none)' : '(set)', ...from(token) },
    { name: 'progress', value: progress.value, ...from(progress) },
    { name: 'reconnect', value: durationSetting(reconnect.value), ...from(reconnect) },
  ];
}

/** Exit 2 if a file has a fault, which is shown; the values are those without it. */
export async function configList(context: Context): Promise<ExitCode> {
  const { settings, out, json } = context;
  const code = settings.faults.length > 0 ? EXIT.usage : EXIT.done;
  for (const fault of settings.faults) printError(context, fault);
  const rows = settingRows(settings);
  if (json) {
    out.line(toJson(rows, out.tty ? 2 : undefined));
    return code;
  }
  const columns = [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'FROM' }, { title: 'SOURCE' }];
  const cells = rows.map((row) =>
    [row.name, row.value, row.origin, row.source].map((text) => ({ text: clean(text) })),
  );
  const lines = await table(columns, cells, undefined, out.paint.dim);
  const measure = await widthOf(lines);
  const room = out.columns ?? Number.POSITIVE_INFINITY;
  // A cut value or source would be worth nothing.
  if (lines.every((line) => measure(line) <= room)) for (const line of lines) out.line(line);
  else for (const line of labelledLines(rows.map(labelled(out.paint)), out.columns)) out.line(line);
  return code;
}

/** The same as a row of the table, for a narrow terminal. */
function labelled({ dim }: Paint) {
  return ({ name, value, origin, source }: ReturnType<typeof settingRows>[number]): Labelled => [
    dim(name),
    `${clean(value)} ${dim(`(${clean(source ? `${origin} ${source}` : origin)})`)}`,
  ];
}

function from({ origin, source }: { origin: string; source: string }) {
  return { origin, source: source === origin ? '' : source };
}
