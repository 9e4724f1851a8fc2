/** File names as forms encode them. */

const ESCAPES: Record<string, string> = { '%22': '"', '%0D': '\r', '%0A': '\n' };

/**
 * Returns the name that a client gave its file, from the `filename` of a form. Browsers, undici (fetch) and
 * curl since 7.81 escape exactly three characters in it, and no `%`: `"` as %22, CR as %0D, LF as %0A (WHATWG
 * HTML, "multipart/form-data encoding algorithm"). So a file that is really named `a%22.csv` arrives as the
 * same bytes as `a".csv`, and is read as that; nothing in a form distinguishes the two. Other sequences are
 * not escapes and stay: `50%25.csv`, `a%0a.csv`.
 */
export function formFilename(sent: string): string {
  return sent.replace(/%22|%0D|%0A/g, (sequence) => ESCAPES[sequence]!);
}
