/** The shell commands that a document shows, with the output that it shows for them. */

/** Languages of blocks in which each line is a command. */
const SHELLS = new Set(['bash', 'sh']);

export interface ShownCommand {
  /** As a reader would paste it, without the comment behind it. */
  command: string;
  /** Lines that the document shows below it. */
  output: string[];
}

/** The commands of the blocks of code of a Markdown document, in its order; also `run:` and `script:` lines of pipelines in YAML. */
export function shownCommands(markdown: string): ShownCommand[] {
  return [...markdown.matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```/gm)].flatMap(([, , language, block]) =>
    commandsOfBlock(language!, block!.replace(/\\\n\s*/g, '')),
  );
}

function commandsOfBlock(language: string, block: string): ShownCommand[] {
  const lines = block.trimEnd().split('\n');
  if (lines.some((line) => line.startsWith('$ '))) return session(lines);
  if (language === 'yaml')
    return lines.flatMap((line) => {
      const [, command] = /^ *(?:- )?(?:run: )?(csvjobs .*)/.exec(line) ?? [];
      return command === undefined ? [] : [{ command, output: [] }];
    });
  const advised = lines.findIndex((line) => line.startsWith('  next: csvjobs '));
  if (advised >= 0) return [{ command: lines[advised]!.replace('  next: ', ''), output: [] }];
  if (!SHELLS.has(language) && !lines.every((line) => line.startsWith('csvjobs '))) return [];
  return lines
    .map((line) => ({ command: withoutComment(line), output: [] }))
    .filter(({ command }) => command !== '');
}

/** A session on a terminal: what was typed follows `$ `, all other lines are output. */
function session(lines: readonly string[]): ShownCommand[] {
  const found: ShownCommand[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) found.push({ command: withoutComment(line.slice(2)), output: [] });
    else if (line !== '') found.at(-1)?.output.push(line);
  }
  return found;
}

const withoutComment = (line: string) => line.replace(/(?:^|\s+)# .*$/, '').trim();
