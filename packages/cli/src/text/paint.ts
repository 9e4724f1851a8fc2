/** Colour, decided for each stream separately. The only place for colours, for both Ink and plain text. */
import { styleText } from 'node:util';

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/**
 * Those of the 256 colours that are readable on both white and black: a contrast of 3.8 or more with each (WCAG 2.2,
 * 1.4.3). The sixteen basic ones depend on the terminal; its yellow and cyan are often invisible on white.
 */
const READABLE = { red: 160, green: 28, yellow: 130, cyan: 31 } as const;

/**
 * Returns painting functions. If `enabled` is false, each returns its text unchanged.
 * @param many whether the terminal has 256 colours
 */
export function paintWith(enabled: boolean, many = false): Paint {
  const style = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan') => (text: string) =>
    enabled ? styleText(format, text, { validateStream: false }) : text;
  const color = (name: keyof typeof READABLE) =>
    enabled && many ? (text: string) => `\u001b[38;5;${READABLE[name]}m${text}\u001b[39m` : style(name);
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: color('red'),
    green: color('green'),
    yellow: color('yellow'),
    cyan: color('cyan'),
  };
}
