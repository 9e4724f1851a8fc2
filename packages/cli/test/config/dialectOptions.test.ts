/** Options for the text of a file, written into its spec. */
import { readSpec } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/commandLine/build.js';
import { specFlags } from '../../src/commandLine/dialectOptions.js';
import { type SpecFlags, withOptions } from '../../src/config/specOptions.js';

/** The spec for a command line. */
async function written(args: string[], spec = {}) {
  let flags: SpecFlags | undefined;
  const sink = process.stderr;
  const program = buildProgram({ stdout: sink, stderr: sink }, (command) => {
    flags = specFlags(command.opts());
    return Promise.resolve() as never;
  });
  for (const command of program.commands) command.exitOverride();
  await program.parseAsync(['upload', 'a.csv', ...args], { from: 'user' });
  const file = { bytes: Buffer.from(JSON.stringify(spec)), spec: readSpec(spec) };
  return JSON.parse(Buffer.from(withOptions(file, flags!)!.bytes).toString());
}

describe('dialect options', () => {
  it('all of them', async () => {
    const args = [
      '--quote',
      "'",
      '--escape',
      '\\',
      '--quotes',
      'lenient',
      '--skip-lines',
      '3',
      '--comment',
      '#',
    ];
    args.push(
      '--header-rows',
      '4,5',
      '--footer',
      '0',
      '--no-trim',
      '--null',
      'NULL',
      '--null',
      'n/a',
      '--quoted-empty',
      'text',
      '--decimal',
      ',',
      '--time-zone',
      'Europe/Berlin',
    );
    const spec = await written(args);
    expect(readSpec(spec)).toEqual(spec);
    expect(spec).toEqual({
      dialect: { quoteChar: "'", escapeChar: '\\', headerRows: [4, 5], commentChar: '#' },
      csvjobs: {
        quotes: 'lenient',
        skipLines: 3,
        footer: 0,
        trim: false,
        missingValues: ['NULL', 'n/a'],
        quotedEmpty: 'text',
        decimalChar: ',',
        timeZone: 'Europe/Berlin',
      },
    });
  });

  it('override the spec', async () => {
    const spec = { dialect: { headerRows: [2], quoteChar: '|' }, csvjobs: { quotes: 'none', footer: 2 } };
    expect(await written(['--no-header', '--columns', 'a, b'], spec)).toEqual({
      dialect: { quoteChar: '|', header: false },
      csvjobs: { quotes: 'none', footer: 2, columns: ['a', 'b'] },
    });
    expect(await written(['--quote', '"'], spec)).toMatchObject({
      dialect: { quoteChar: '"' },
      csvjobs: { footer: 2 },
    });
    expect((await written(['--quote', '"'], spec)).csvjobs).not.toHaveProperty('quotes');
    expect(await written(['--quote', 'none', '--trim'])).toEqual({ csvjobs: { quotes: 'none', trim: true } });
    expect(await written([], spec)).toEqual(spec);
  });

  it.each([
    ['--quote', 'ab'],
    ['--skip-lines', '-1'],
    ['--header-rows', '0,1'],
    ['--header-rows', '1;2'],
    ['--columns', ','],
    ['--footer', 'x'],
    ['--quotes', 'some'],
  ])('%s %s is refused', async (option, value) => {
    await expect(written([`${option}=${value}`])).rejects.toThrow(/invalid/);
  });
});

it('--time-zone overrides the spec, and an unknown zone is refused', async () => {
  const spec = { csvjobs: { timeZone: { placed: 'UTC' } } };
  expect(await written(['--time-zone', '+02:00'], spec)).toEqual({ csvjobs: { timeZone: '+02:00' } });
  await expect(written(['--time-zone', 'Berlin'])).rejects.toMatchObject({
    exitCode: 2,
    message: '--time-zone: "Berlin" is no time zone; did you mean "Europe/Berlin"?',
  });
});
