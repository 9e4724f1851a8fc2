import { Document, isScalar, visit } from 'yaml';
import { HIDDEN } from './text.js';

/**
 * Writes YAML 1.2 that is safe on a terminal: texts with characters that a terminal obeys or does not show are in
 * double quotes, with these characters escaped.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar: (_key, node) => {
      if (
        isScalar(node) &&
        typeof node.value === 'string' &&
        node.value.replaceAll('\n', '').search(HIDDEN) >= 0
      )
        node.type = 'QUOTE_DOUBLE';
    },
  });
  // Not folded: a long text stays on one line, and double-quoted text contains no line ends.
  const text = document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY });
  return text.trimEnd().replace(HIDDEN, (char) => (char === '\n' ? char : escaped(char)));
}

/** YAML 1.2, section 5.7. */
function escaped(char: string): string {
  return `\\U${char.codePointAt(0)!.toString(16).padStart(8, '0')}`;
}
