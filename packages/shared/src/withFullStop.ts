/** A sentence with its full stop, unless it has an end already: `did you mean "sku"?` */
export function withFullStop(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
