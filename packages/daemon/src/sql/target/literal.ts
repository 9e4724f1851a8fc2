/** Quotes a string constant (PostgreSQL manual, section 4.1.2.1, with standard_conforming_strings). */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
