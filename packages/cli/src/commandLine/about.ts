/** The commands about csvjobs itself: config, schema, doctor, completion, help. */
import { Argument, type Command } from 'commander';
import type { Shell } from '../commands/completion.js';
import { EXIT_MEANINGS } from '../exitCodes.js';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { readUnfinished } from './unfinished.js';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

export function addAbout(program: Command, choose: Choose): void {
  program
    .command('config')
    .description('the settings of csvjobs')
    .helpCommand(false)
    .addHelpText('before', examples('csvjobs config list'))
    .command('list')
    .description('show each setting, its value and where it is from')
    .addHelpText(
      'before',
      examples('csvjobs config list', 'CSVJOBS_URL=http://ci-db:4000 csvjobs config list --json'),
    )
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/config.js')).configList(context)),
    );

  program
    .command('schema')
    .description('JSON Schema of what a command prints with --json')
    .argument('[output]', 'the name of an output; without it, what there is')
    .addHelpText('before', examples('csvjobs schema', 'csvjobs schema watch', 'csvjobs schema --json'))
    .action((name: string | undefined, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/schema.js')).schema(context, name)),
    );

  program
    .command('doctor')
    .description('check that all csvjobs needs is well, and say what to do where it is not')
    .addHelpText('before', examples('csvjobs doctor', 'csvjobs doctor --json'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/doctor.js')).doctor(context)),
    );
}

/** What completes commands, flags, job ids and file names at a Tab. */
export function addCompletion(program: Command, choose: Choose): void {
  program
    .command('completion')
    .description("print a shell's completion: commands, flags, job ids, file names")
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'before',
      examples(
        'csvjobs completion bash > ~/.local/share/bash-completion/completions/csvjobs',
        'csvjobs completion zsh > "$fpath[1]/_csvjobs"',
        'csvjobs completion fish > ~/.config/fish/completions/csvjobs.fish',
        'source <(csvjobs completion bash)       only in this shell',
      ),
    )
    .action((shell: Shell, _options: object, command) =>
      choose(command, async (context) =>
        (await import('../commands/completion.js')).completion(context, shell),
      ),
    );
  program
    .command('__complete', { hidden: true })
    .argument('<shell>')
    .argument('[words...]')
    .action((shell: Shell, words: string[], _options: object, command) => {
      const unfinished = readUnfinished(program, shell === 'bash' ? joined(words) : words);
      // The daemon that is asked for job ids is the one that is being typed.
      if (unfinished.url !== undefined) command.setOptionValue('url', unfinished.url);
      choose(command, async (context) => {
        const { complete } = await import('../commands/complete.js');
        // bash has `--flag` and `=` as words of their own, and replaces what is behind.
        return complete(context, shell === 'bash' ? { ...unfinished, before: '' } : unfinished);
      });
    });
}

/** `--status`, `=`, `fai` of bash (COMP_WORDBREAKS has the equals sign) as one word again. */
function joined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [at, word] of words.entries()) {
    const afterEquals = at > 1 && words[at - 1] === '=' && words[at - 2]?.startsWith('--');
    if (word === '=' && whole.at(-1)?.startsWith('--')) whole.push(`${whole.pop()}=`);
    else if (afterEquals) whole.push(`${whole.pop()}${word}`);
    else whole.push(word);
  }
  return whole;
}

/** `csvjobs help`, which commander's own lacks: help on exit codes. */
export function addHelp(program: Command, stdout: NodeJS.WritableStream): void {
  program
    .command('help')
    .description('help on a command, or on exit-codes')
    .argument('[topic...]', 'a command, and one below it; exit-codes')
    .addHelpText(
      'before',
      examples('csvjobs help upload', 'csvjobs help daemon start', 'csvjobs help exit-codes'),
    )
    .action((topics: string[]) => {
      if (topics[0] === 'exit-codes') {
        for (const [code, meaning] of EXIT_MEANINGS)
          stdout.write(`${String(code).padStart(3)}  ${meaning}\n`);
        stdout.write('\nOf several files the worst counts: what needs a person soonest.\n');
        return;
      }
      let about = program;
      for (const topic of topics) {
        const found = about.commands.find((command) => command.name() === topic);
        if (!found) throw usageError(`There is no help on "${topic}"`, undefined, 'csvjobs --help');
        about = found;
      }
      about.outputHelp();
    });
}
