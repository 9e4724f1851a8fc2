/** The commands about csvjobs itself: config, schema, doctor, completion, help. */
import { Argument, type Command } from 'commander';
import type { Shell } from '../commands/completion.js';
import { EXIT_MEANINGS } from '../exitCodes.js';
import { foldedFor } from '../text/fold.js';
import { shellQuote } from '../text/text.js';
import { usageError } from '../userError.js';
import { type Choose, examples, isCalled } from './action.js';
import { readUnfinished } from './unfinished.js';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

export function addAbout(program: Command, choose: Choose): void {
  const config = program
    .command('config')
    .description('show and change settings')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'csvjobs config list',
        'csvjobs config set url https://csv.example.com',
        'csvjobs config get url',
      ),
    );
  config
    .command('list')
    .description('show each setting, its value and its source')
    .addHelpText(
      'after',
      examples('csvjobs config list', 'CSVJOBS_URL=http://ci-db:4000 csvjobs config list --json'),
    )
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/config.js')).configList(context)),
    );
  config
    .command('get')
    .description('print the value of a setting')
    .argument('<setting>', 'url, token, progress or reconnect')
    .addHelpText('after', examples('csvjobs config get url'))
    .action((name: string, _options: object, command) =>
      choose(command, async (context) =>
        (await import('../commands/configValues.js')).configGet(context, name),
      ),
    );
  config
    .command('set')
    .description('save a setting in your configuration file, or in one of its profiles')
    .argument('<setting>', 'url, progress or reconnect')
    .argument('<value>', 'its value')
    .addHelpText(
      'after',
      examples('csvjobs config set url localhost:4001', 'csvjobs config set reconnect 5m --profile prod'),
    )
    .action((name: string, value: string, _options: object, command) =>
      choose(makesProfile(command), async (context) =>
        (await import('../commands/configValues.js')).configSet(context, name, value),
      ),
    );
  config
    .command('unset')
    .description('remove a setting from your configuration file')
    .argument('<setting>', 'url, token, progress or reconnect')
    .addHelpText('after', examples('csvjobs config unset url'))
    .action((name: string, _options: object, command) =>
      choose(command, async (context) =>
        (await import('../commands/configValues.js')).configUnset(context, name),
      ),
    );

  program
    .command('login')
    .description("ask for a daemon's token, check it, and store it with the address")
    .argument('<address>', 'the daemon: https://csv.example.com, localhost:4000')
    .addHelpText(
      'after',
      examples(
        'csvjobs login https://csv.example.com',
        'csvjobs login https://csv.example.com --profile prod',
        'pass show csvjobs | csvjobs login https://csv.example.com',
      ),
    )
    .action((address: string, _options: object, command) =>
      choose(makesProfile(command), async (context) =>
        (await import('../commands/login.js')).login(context, address),
      ),
    );

  program
    .command('schema')
    .description('print the JSON Schema of what a command prints with --json')
    .argument('[output]', 'name of an output (default: list all)')
    .addHelpText('after', examples('csvjobs schema', 'csvjobs schema watch', 'csvjobs schema --json'))
    .action((name: string | undefined, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/schema.js')).schema(context, name)),
    );

  program
    .command('doctor')
    .description('check the setup, and say how to fix what is wrong')
    .addHelpText('after', examples('csvjobs doctor', 'csvjobs doctor --json'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/doctor.js')).doctor(context)),
    );
}

/** Marks a command that may name a profile that does not exist yet. */
function makesProfile(command: Command): Command {
  return command.setOptionValue('newProfile', true);
}

/** Adds the commands that complete commands, flags, job IDs and file names when Tab is pressed. */
export function addCompletion(program: Command, choose: Choose): void {
  program
    .command('completion')
    .description("print a shell's completion: commands, flags, job IDs, file names")
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
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
      // Ask the daemon whose address is being typed for job IDs.
      if (unfinished.url !== undefined) command.setOptionValue('url', unfinished.url);
      choose(command, async (context) => {
        const { complete } = await import('../commands/complete.js');
        // bash treats `--flag` and `=` as separate words, and replaces only the text after them.
        return shell === 'bash'
          ? complete(context, { ...unfinished, before: '' }, inBash)
          : complete(context, unfinished);
      });
    });
}

/** zsh and fish quote what they insert. bash does not, and would run the `$(…)` of a table's name. */
function inBash(value: string, typed: string): string | undefined {
  const quoted = shellQuote(value);
  if (quoted === value || !typed.startsWith('"')) return quoted;
  // Within the quotes that the user has begun, these still have a meaning.
  return /[$`\\!]/.test(value) ? undefined : value;
}

/** Joins bash's `--status`, `=`, `fai` into one word (COMP_WORDBREAKS contains the equals sign). */
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

/** `csvjobs help`. Unlike commander's own command, it has help on exit codes. */
export function addHelp(
  program: Command,
  stdout: NodeJS.WritableStream & Parameters<typeof foldedFor>[0],
): void {
  program
    .command('help')
    .description('show help on a command, or on exit-codes')
    .argument('[topic...]', 'a command and its subcommand, or exit-codes')
    .addHelpText(
      'after',
      examples('csvjobs help upload', 'csvjobs help daemon start', 'csvjobs help exit-codes'),
    )
    .action((topics: string[]) => {
      if (topics[0] === 'exit-codes') {
        for (const [code, meaning] of EXIT_MEANINGS)
          stdout.write(foldedFor(stdout, `${String(code).padStart(3)}  ${meaning}\n`));
        const several = 'With several files, the worst code counts: the one that needs attention soonest.';
        stdout.write(foldedFor(stdout, `\n${several}\n`));
        return;
      }
      let about = program;
      for (const topic of topics) {
        // An alias of --version, not a command.
        if (about === program && topic === 'version') continue;
        const found = about.commands.find((command) => isCalled(command, topic));
        if (!found) throw usageError(`There is no help on "${topic}"`, undefined, 'csvjobs --help');
        about = found;
      }
      about.outputHelp();
    });
}
