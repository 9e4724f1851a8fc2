/** Options with an empty value, such as `--delimiter "$MARK"` in a script that does not set MARK. */
import { type Command, InvalidArgumentError } from 'commander';

/** Refuses them for a command and its subcommands: as if the option were not there, the command would do something else. */
export function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    if (!option.required) continue;
    const parse = option.parseArg?.bind(option);
    option.parseArg = <Value>(text: string, before: Value): Value => {
      // What the option itself says of it is more exact.
      const value = parse ? parse(text, before) : text;
      if (text === '')
        throw new InvalidArgumentError('it is empty; leave the option out, or give it a value');
      return value as Value;
    };
  }
  for (const each of command.commands) refuseEmptyValues(each);
}
