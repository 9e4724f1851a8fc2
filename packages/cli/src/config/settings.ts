/** Settings, each with where it is from: flag > environment > project file > user file > default. */
import { parseDuration } from '../text/text.js';
import { usageError } from '../userError.js';
import type { ProjectFiles } from './destinations.js';
import { daemonToken, profileName } from './environment.js';
import {
  environmentLayer,
  fileLayer,
  flagLayer,
  type Origin,
  profileLayer,
  projectFile,
  type SettingName,
  userFile,
} from './layers.js';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

export const DEFAULT_URL = 'http://127.0.0.1:4000';
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
  /** The profile of the user file that is used. */
  profile: string | undefined;
  /** What in the files is not understood, a sentence each. */
  warnings: readonly string[];
  /** What the project file says about files by their names. */
  files: ProjectFiles | undefined;
  /** The folder of the call. */
  cwd: string;
}

export interface Flags {
  url?: string;
  progress?: string;
  profile?: string;
  /** Whether a profile that is not there is no error: it is about to be made. */
  newProfile?: boolean;
}

/**
 * The settings of this call.
 * @throws UserError (exit 2) that names the flag, variable or file whose value is not right
 */
export function loadSettings(flags: Flags, cwd: string): Settings {
  const profile = flags.profile ?? profileName();
  const named = profile === undefined || flags.newProfile ? [] : [profileLayer(profile)];
  // A profile that is named with the command beats the environment, one of the environment does not.
  const layers = [
    flagLayer(flags),
    ...(flags.profile === undefined ? [] : named),
    environmentLayer(),
    ...(flags.profile === undefined ? named : []),
    fileLayer('project file', projectFile(cwd)),
    fileLayer('user file', userFile()),
  ];
  const pick = <T>(name: SettingName, fallback: T, parseText: (text: string, source: string) => T) => {
    for (const layer of layers) {
      const found = layer.read(name);
      if (found)
        return { value: parseText(found.text, found.source), origin: layer.origin, source: found.source };
    }
    return { value: fallback, origin: 'default' as const, source: 'default' };
  };
  const url = pick('url', new URL(DEFAULT_URL), parseUrl);
  let token = pick<string | undefined>('token', undefined, (text) => text);
  // A cloned repository must not be able to have the user's token sent to an address of its choosing.
  // Nor is a token sent to another daemon than the one that it was stored for.
  if (
    (token.origin === 'user file' && (url.origin === 'project file' || url.origin === 'profile')) ||
    (token.origin === 'profile' && url.origin !== 'profile')
  )
    token = { value: undefined, origin: 'default', source: `not sent: the address is from ${url.source}` };
  if (token.value === undefined && token.source === 'default') token = localToken(url.value) ?? token;
  return Object.freeze({
    url,
    token,
    progress: pick<ProgressMode>('progress', 'auto', parseProgress),
    reconnect: pick('reconnect', 60_000, parseReconnect),
    profile,
    warnings: layers.flatMap(({ warnings = [] }) => warnings),
    files: layers.find(({ files }) => files !== undefined)?.files,
    cwd,
  });
}

/** Only for a daemon on this machine: nobody else is shown its token. */
function localToken(url: URL): Setting<string | undefined> | undefined {
  const found = isLoopback(url) ? daemonToken() : undefined;
  return found && { value: found.token, origin: 'default', source: found.file };
}

/** Whether an address can be nowhere but on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

export const SETTING_NAMES = ['url', 'token', 'progress', 'reconnect'] as const satisfies SettingName[];

/** @throws UserError (exit 2) for a text that is no value of the setting */
export function parseSetting(name: SettingName, text: string, source: string): void {
  if (name === 'url') parseUrl(text, source);
  if (name === 'progress') parseProgress(text, source);
  if (name === 'reconnect') parseReconnect(text, source);
}

/**
 * An address, with http:// where nothing else stands before it: `localhost:4000`.
 * @throws UserError (exit 2)
 */
export function parseUrl(text: string, source: string): URL {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usageError(
      `"${text}" (${source}) is not an address of a daemon`,
      'it must be an http:// or https:// URL, or a host and a port',
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
