/** Sources of settings, highest precedence first: a flag, the environment, the project's file, the user's file. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { EXIT } from '../exitCodes.js';
import { UserError, usageError } from '../userError.js';
import { homeFolder } from './environment.js';
import { type FilePattern, readFilePatterns } from './filePatterns.js';

export const PROJECT_FILE = '.csvjobs.json';

export type SettingName = 'url' | 'token' | 'progress' | 'reconnect';

export type Origin = 'flag' | 'environment' | 'profile' | 'project file' | 'user file' | 'default';

/** One place that may have a value for a setting. */
export interface Layer {
  origin: Origin;
  /** Its patterns for files; only a project file has any. */
  files?: { file: string; patterns: readonly FilePattern[] };
  /** Warnings about unknown parts, one sentence each; the rest still counts. */
  warnings?: readonly string[];
  /** Returns the value as written, and the flag, variable or file that it comes from. */
  read(name: SettingName): { text: string; source: string } | undefined;
}

const VARIABLES: Record<SettingName, string> = {
  url: 'CSVJOBS_URL',
  token: 'CSVJOBS_TOKEN',
  progress: 'CSVJOBS_PROGRESS',
  reconnect: 'CSVJOBS_RECONNECT',
};

/** The flags that were given. A token is never a flag. */
export function flagLayer(flags: { url?: string; progress?: string }): Layer {
  return {
    origin: 'flag',
    read: (name) => {
      const text = name === 'url' || name === 'progress' ? flags[name] : undefined;
      return text === undefined ? undefined : { text, source: `--${name}` };
    },
  };
}

/** The environment. An empty variable counts as unset. */
export function environmentLayer(): Layer {
  return {
    origin: 'environment',
    read: (name) => {
      const text = process.env[VARIABLES[name]];
      return text === undefined || text === '' ? undefined : { text, source: VARIABLES[name] };
    },
  };
}

/** The user's own file: XDG_CONFIG_HOME/csvjobs/config.json. */
export function userFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homeFolder(), '.config'), 'csvjobs', 'config.json');
}

/** The project's file: the nearest .csvjobs.json in this folder or above it. */
export function projectFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, PROJECT_FILE);
    if (existsSync(file)) return file;
    if (folder === parse(folder).root) return undefined;
  }
}

/**
 * A configuration file, if there is one.
 * @throws UserError (exit 2) if it is invalid, or if a project's file contains a token
 */
export function fileLayer(origin: 'project file' | 'user file', file: string | undefined): Layer {
  const values = file === undefined ? {} : readConfigFile(file);
  if (origin === 'project file' && values.token !== undefined)
    throw usageError(
      `${file} must not contain a token`,
      'a project file is shared with everyone who has the project',
      `remove it, and set CSVJOBS_TOKEN or put it into ${userFile()}`,
    );
  const { files: patterns, profiles, unknown = [], ...texts } = values;
  if (patterns !== undefined && origin === 'user file')
    throw configError(file!, 'only a project file may have "files"');
  if (profiles !== undefined && origin === 'project file')
    throw configError(file!, 'only the user file may have "profiles"');
  return {
    origin,
    warnings: unknown.map(
      (key) => `${file} has a key "${key}", which csvjobs does not know (${KNOWN.join(', ')})`,
    ),
    ...(patterns !== undefined && { files: { file: file!, patterns } }),
    read: (name) => {
      const text = texts[name];
      return text === undefined || file === undefined ? undefined : { text, source: file };
    },
  };
}

/**
 * A profile of the user file: named settings for one daemon.
 * @throws UserError (exit 2) if there is no profile of this name
 */
export function profileLayer(name: string): Layer {
  const file = userFile();
  const { profiles = {} } = readConfigFile(file);
  const texts = profiles[name];
  if (!texts)
    throw usageError(
      `There is no profile "${name}" in ${file}`,
      Object.keys(profiles).length > 0 ? `its profiles: ${Object.keys(profiles).join(', ')}` : undefined,
      `csvjobs login <address> --profile ${name}`,
    );
  return {
    origin: 'profile',
    read: (setting) => {
      const text = texts[setting];
      return text === undefined ? undefined : { text, source: `${file}, profile ${name}` };
    },
  };
}

type Values = Partial<Record<SettingName, string>>;
type ConfigFile = Values & { files?: FilePattern[]; profiles?: Record<string, Values>; unknown?: string[] };

const KNOWN = [...Object.keys(VARIABLES), 'files', 'profiles'];

function readConfigFile(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw configError(file, `it cannot be read (${code})`, cause);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw configError(file, (cause as Error).message, cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw configError(file, 'it is not a JSON object');
  const { files, profiles, ...values } = json as Record<string, unknown>;
  const unknown = Object.keys(values).filter((key) => !KNOWN.includes(key));
  const found: ConfigFile = {
    ...readValues(values, file),
    ...(profiles !== undefined && { profiles: readProfiles(profiles, file) }),
    unknown,
  };
  if (files === undefined) return found;
  try {
    return { ...found, files: readFilePatterns(files) };
  } catch (cause) {
    throw configError(file, (cause as Error).message, cause);
  }
}

/** Reads the known settings. A file from a later version, or with a typo in a key, must not stop every command. */
function readValues(values: Record<string, unknown>, file: string): Values {
  const found: Values = {};
  for (const name of Object.keys(VARIABLES) as SettingName[]) {
    const value = values[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw configError(file, `the value of "${name}" is not a string`);
    found[name] = value;
  }
  return found;
}

function readProfiles(profiles: unknown, file: string): Record<string, Values> {
  if (typeof profiles !== 'object' || profiles === null || Array.isArray(profiles))
    throw configError(file, '"profiles" is not a JSON object');
  return Object.fromEntries(
    Object.entries(profiles).map(([name, values]) => {
      if (typeof values !== 'object' || values === null)
        throw configError(file, `the profile "${name}" is not a JSON object`);
      return [name, readValues(values as Record<string, unknown>, file)];
    }),
  );
}

function configError(file: string, why: string, cause?: unknown): UserError {
  return new UserError({
    code: 'config_invalid',
    exitCode: EXIT.usage,
    what: `The configuration file ${file} is invalid`,
    why,
    next: 'fix or remove the file; an example: {"url": "http://127.0.0.1:4000"}',
    cause,
  });
}
