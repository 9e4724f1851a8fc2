/**
 * An address as the unique index on lower(email) knows it: two are the same customer when these are equal. The column
 * has the collation pg_c_utf8, which maps character by character (the simple mappings of Unicode), while
 * toLowerCase() looks at its neighbours (Σ at the end of a word) and makes two characters of İ.
 */
export function foldedEmail(email: string): string {
  if (!/[^\0-\x7f]/.test(email)) return email.toLowerCase();
  let folded = '';
  for (const character of email) folded += character === '\u0130' ? 'i' : character.toLowerCase();
  return folded;
}
