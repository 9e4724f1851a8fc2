/**
 * Settings, each with where it is from: flag > environment > project file > user file > default.
 * The only reader of process.env.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse, resolve } from 'node:path';
import { EXIT } from './exitCodes.js';
import { parseDuration } from './text.js';
import { UserError, usageError } from './userError.js';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

export const DEFAULT_URL = 'http://127.0.0.1:4000';
export const PROJECT_FILE = '.csvjobs.json';

export type Origin = 'flag' | 'environment' | 'project file' | 'user file' | 'default';

export interface Setting<T> {
  value: T;
  origin: Origin;
  /** The flag, variable or file it is from. */
  source: string;
}

export interface Settings {
  url: Setting<URL>;
  token: Setting<string | undefined>;
  progress: Setting<ProgressMode>;
  /** How long a lost daemon is waited for while watching, milliseconds. */
  reconnect: Setting<number>;
}

export interface Flags {
  url?: string;
  progress?: string;
}

interface Layer {
  origin: Origin;
  read(key: keyof Settings): { text: string; source: string } | undefined;
}

const VARIABLES: Record<keyof Settings, string> = {
  url: 'CSVJOBS_URL',
  token: 'CSVJOBS_TOKEN',
  progress: 'CSVJOBS_PROGRESS',
  reconnect: 'CSVJOBS_RECONNECT',
};

/**
 * The settings of this call.
 * @throws UserError (exit 2) that names the flag, variable or file whose value is not right
 */
export function loadSettings(flags: Flags, cwd: string): Settings {
  const layers: Layer[] = [
    {
      origin: 'flag',
      read: (key) => {
        const text = key === 'url' || key === 'progress' ? flags[key] : undefined;
        return text === undefined ? undefined : { text, source: `--${key}` };
      },
    },
    {
      origin: 'environment',
      read: (key) => {
        const text = process.env[VARIABLES[key]];
        return text === undefined || text === '' ? undefined : { text, source: VARIABLES[key] };
      },
    },
    fileLayer('project file', projectFile(cwd)),
    fileLayer('user file', userFile()),
  ];
  const pick = <T>(key: keyof Settings, fallback: T, parseText: (text: string, source: string) => T) => {
    for (const layer of layers) {
      const found = layer.read(key);
      if (found)
        return { value: parseText(found.text, found.source), origin: layer.origin, source: found.source };
    }
    return { value: fallback, origin: 'default' as const, source: 'default' };
  };
  const url = pick('url', new URL(DEFAULT_URL), parseUrl);
  let token = pick<string | undefined>('token', undefined, (text) => text);
  // A cloned repository must not be able to have the user's token sent to an address of its choosing.
  if (token.origin === 'user file' && url.origin === 'project file')
    token = { value: undefined, origin: 'default', source: `not sent: the address is from ${url.source}` };
  if (token.value === undefined && token.source === 'default') token = localToken(url.value) ?? token;
  return Object.freeze({
    url,
    token,
    progress: pick<ProgressMode>('progress', 'auto', parseProgress),
    reconnect: pick('reconnect', 60_000, parseReconnect),
  });
}

/**
 * The token that a daemon with servers of its own made in its data folder (DATA_DIR, else the XDG data folder). Only
 * for a daemon on this machine: nobody else is shown it.
 */
function localToken(url: URL): Setting<string | undefined> | undefined {
  if (!isLoopback(url)) return undefined;
  const share = process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  const file = join(process.env.DATA_DIR || join(share, 'csvjobs'), 'token');
  try {
    const value = readFileSync(file, 'utf8').trim();
    return value === '' ? undefined : { value, origin: 'default', source: file };
  } catch {
    // Not there, or not for this user's eyes: the daemon says what is needed.
    return undefined;
  }
}

/** Whether an address can be nowhere but on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What the surroundings say about terminals and CI; each stream's own TTY is looked at elsewhere. */
export function surroundings(): { ci: boolean; dumb: boolean; color: boolean | undefined } {
  const { CI, TERM, NO_COLOR, FORCE_COLOR } = process.env;
  const dumb = TERM === 'dumb';
  let color: boolean | undefined;
  if (dumb) color = false;
  if (NO_COLOR !== undefined && NO_COLOR !== '') color = false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') color = FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return { ci: CI !== undefined && !['', '0', 'false'].includes(CI), dumb, color };
}

/** What GitHub Actions and other runners tell through the environment. */
export function runner(): { githubActions: boolean; stepSummary: string | undefined } {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  return { githubActions: GITHUB_ACTIONS === 'true', stepSummary: GITHUB_STEP_SUMMARY || undefined };
}

/** The folder for pid files and logs of background daemons: XDG_STATE_HOME/csvjobs. */
export function stateFolder(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'csvjobs');
}

/** The environment a daemon is started with: API_HOST and API_PORT follow the address when they are not set. */
export function daemonEnvironment(url: URL): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  env.API_HOST ||= url.hostname.replace(/^\[|\]$/g, '');
  env.API_PORT ||= url.port || (url.protocol === 'https:' ? '443' : '80');
  return env;
}

/** The folders of PATH. */
export function pathFolders(): string[] {
  return (process.env.PATH ?? '')
    .split(process.platform === 'win32' ? ';' : ':')
    .filter((part) => part !== '');
}

/** The user's own file: XDG_CONFIG_HOME/csvjobs/config.json. */
export function userFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'csvjobs', 'config.json');
}

/** The project's file: the nearest .csvjobs.json in this folder or above it. */
export function projectFile(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, PROJECT_FILE);
    if (existsSync(file)) return file;
    if (folder === parse(folder).root) return undefined;
  }
}

function fileLayer(origin: 'project file' | 'user file', file: string | undefined): Layer {
  const values = file === undefined ? {} : readConfigFile(file);
  if (origin === 'project file' && values.token !== undefined)
    throw usageError(
      `A token may not stand in ${file}`,
      'a project file is shared with everybody who has the project',
      `take it out, and set CSVJOBS_TOKEN or put it into ${userFile()}`,
    );
  return {
    origin,
    read: (key) => {
      const text = values[key];
      return text === undefined || file === undefined ? undefined : { text, source: file };
    },
  };
}

function readConfigFile(file: string): Partial<Record<keyof Settings, string>> {
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
  const known = Object.keys(VARIABLES);
  for (const [key, value] of Object.entries(json)) {
    if (!known.includes(key)) throw configError(file, `it has a key "${key}"; known are ${known.join(', ')}`);
    if (typeof value !== 'string') throw configError(file, `the value of "${key}" is not a string`);
  }
  return json;
}

function configError(file: string, why: string, cause?: unknown): UserError {
  return new UserError({
    code: 'config_invalid',
    exitCode: EXIT.usage,
    what: `The configuration file ${file} is not right`,
    why,
    next: 'mend or remove the file; an example: {"url": "http://127.0.0.1:4000"}',
    cause,
  });
}

function parseUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usageError(
      `"${text}" (${source}) is not an address of a daemon`,
      'it must be an http:// or https:// URL',
      `an example: ${DEFAULT_URL}`,
    );
  if (url.username !== '' || url.password !== '')
    throw usageError(
      `The address in ${source} has a user or a password in it`,
      'addresses end up in logs',
      'set CSVJOBS_TOKEN instead',
    );
  return url;
}

function parseProgress(text: string, source: string): ProgressMode {
  const mode = PROGRESS_MODES.find((known) => known === text);
  if (!mode)
    throw usageError(
      `"${text}" (${source}) is not a progress mode`,
      `known are ${PROGRESS_MODES.join(', ')}`,
    );
  return mode;
}

function parseReconnect(text: string, source: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw usageError(`"${text}" (${source}) is not a duration`, undefined, 'examples: 30s, 5m');
  return ms;
}

/** A daemon's program other than the installed one: CSVJOBS_DAEMON. */
export function daemonProgramPath(): string | undefined {
  return process.env.CSVJOBS_DAEMON || undefined;
}
