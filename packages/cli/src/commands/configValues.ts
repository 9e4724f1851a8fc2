/** `csvjobs config get|set|unset`: one setting in the user's own file. Never prints a token. */

import { type SettingName, userFile } from '../config/layers.js';
import { parseSetting, SETTING_NAMES } from '../config/settings.js';
import { isStored, storeValues } from '../config/userFile.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean, toJson } from '../text/text.js';
import { usageError } from '../userError.js';
import { settingRows } from './config.js';

/** Prints the effective value, from any layer; exit 2 if there is no such setting. */
export async function configGet({ settings, out, json }: Context, name: string): Promise<ExitCode> {
  const row = settingRows(settings).find((each) => each.name === settingName(name));
  if (row) out.line(json ? toJson(row, out.tty ? 2 : undefined) : clean(row.value));
  return EXIT.done;
}

/** @throws UserError (exit 2) for an invalid value; then nothing is written */
export async function configSet(context: Context, name: string, value: string): Promise<ExitCode> {
  const setting = settingName(name);
  if (setting === 'token')
    throw usageError(
      'A token on the command line can be seen by others',
      'in the history of the shell, and in the list of processes',
      `csvjobs login ${context.settings.url.value.origin}`,
    );
  parseSetting(setting, value, 'the value');
  return stored(context, setting, value);
}

export async function configUnset(context: Context, name: string): Promise<ExitCode> {
  const { settings, err, json, quiet } = context;
  const { profile } = settings;
  // Also a key that is no setting: doctor says to remove it.
  if (isStored(name, profile)) return stored(context, name, undefined);
  const setting = settingName(name);
  const where = `${userFile()}${profile === undefined ? '' : `, profile ${clean(profile)}`}`;
  if (json) return stored(context, setting, undefined);
  if (!quiet) {
    const row = settingRows(settings).find((each) => each.name === setting);
    const from =
      row && row.origin !== 'default' ? `; its value comes from ${clean(row.source || row.origin)}` : '';
    err.line(`${setting} was not set (${where})${from}: nothing was changed.`);
  }
  return EXIT.done;
}

function stored(
  { settings, out, err, json, quiet }: Context,
  name: string,
  value: string | undefined,
): ExitCode {
  const { profile } = settings;
  const file = storeValues({ [name]: value }, profile);
  if (json) out.line(toJson({ name, value: value ?? null, profile: profile ?? null, file }));
  else if (!quiet) {
    const where = `${file}${profile === undefined ? '' : `, profile ${clean(profile)}`}`;
    err.line(
      value === undefined ? `Unset ${clean(name)} (${where}).` : `Set ${name} to ${clean(value)} (${where}).`,
    );
  }
  return EXIT.done;
}

function settingName(text: string): SettingName {
  const found = SETTING_NAMES.find((name) => name === text);
  if (found) return found;
  throw usageError(
    `"${clean(text)}" is not a setting`,
    `the settings are ${SETTING_NAMES.join(', ')}`,
    'csvjobs config list',
  );
}
