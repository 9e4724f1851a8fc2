/**
 * Quotes a word for a POSIX shell: commands printed for people to copy must work unchanged. For zsh, `=name` at the start
 * of a word is the path of that program.
 */
export function shellWord(text: string): string {
  return /^(?!=)[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
