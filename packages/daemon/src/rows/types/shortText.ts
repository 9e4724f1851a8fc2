/** Returns a few bytes as text, each byte as one character: for values of ASCII alone. A decoder takes longer for so few. */
export function shortText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
