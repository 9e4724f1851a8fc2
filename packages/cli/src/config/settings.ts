/** Settings, each with its source: flag > environment > project file > user file > default. */
import { parseDuration } from '../text/text.js';
import { UserError, usageError } from '../userError.js';
import type { ProjectFiles } from './destinations.js';
import { daemonToken, profileName } from './environment.js';
import {
  environmentLayer,
  fileLayer,
  flagLayer,
  type Layer,
  type Origin,
  profileLayer,
  projectFile,
  type SettingName,
  userFile,
} from './layers.js';

export const PROGRESS_MODES = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ProgressMode = (typeof PROGRESS_MODES)[number];

/** RFC 9293: 16 bits. */
const LAST_PORT = 65_535;

export const DEFAULT_URL = 'http://127.0.0.1:4000';
/** In place of a file with a fault. */
const NOTHING: Layer = { origin: 'default', read: () => undefined };

export interface Setting<T> {
  value: T;
  origin: Origin;
  /** The flag, variable or file that it comes from. */
  source: string;
}

export interface Settings {
  url: Setting<URL>;
  token: Setting<string | undefined>;
  progress: Setting<ProgressMode>;
  /** How long to wait for a lost daemon while watching, in milliseconds. */
  reconnect: Setting<number>;
  /** The profile used from the user file. */
  profile: string | undefined;
  /** Warnings about unknown parts of the files, one sentence each. */
  warnings: readonly string[];
  /** What is wrong with the configuration files and values, for commands that continue without them (`showsFaults`). */
  faults: readonly UserError[];
  /** The patterns for files in the project file. */
  files: ProjectFiles | undefined;
  /** The working directory of the command. */
  cwd: string;
}

export interface Flags {
  url?: string;
  progress?: string;
  profile?: string;
  /** Whether a missing profile is allowed, because it is about to be created. */
  newProfile?: boolean;
  /** Whether the command reports faulty settings and continues without them. */
  showsFaults?: boolean;
}

/**
 * Loads the settings of this command.
 * @throws UserError (exit 2) that names the flag, variable or file with an invalid value
 */
export function loadSettings(flags: Flags, cwd: string): Settings {
  const profile = flags.profile ?? profileName();
  const faults: UserError[] = [];
  const unlessFaulty = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!flags.showsFaults || !(error instanceof UserError)) throw error;
      if (!faults.some(({ message }) => message === error.message)) faults.push(error);
      return undefined;
    }
  };
  const named =
    profile === undefined || flags.newProfile ? [] : [unlessFaulty(() => profileLayer(profile)) ?? NOTHING];
  // A profile given as a flag beats the environment; one from the environment does not.
  const layers = [
    flagLayer(flags),
    ...(flags.profile === undefined ? [] : named),
    environmentLayer(),
    ...(flags.profile === undefined ? named : []),
    unlessFaulty(() => fileLayer('project file', projectFile(cwd))) ?? NOTHING,
    unlessFaulty(() => fileLayer('user file', userFile())) ?? NOTHING,
  ];
  const pick = <T>(name: SettingName, fallback: T, parseText: (text: string, source: string) => T) => {
    for (const layer of layers) {
      const found = layer.read(name);
      const value = found && unlessFaulty(() => ({ is: parseText(found.text, found.source) }));
      if (value) return { value: value.is, origin: layer.origin, source: found.source };
    }
    return { value: fallback, origin: 'default' as const, source: 'default' };
  };
  const url = pick('url', new URL(DEFAULT_URL), parseUrl);
  let token = pick<string | undefined>('token', undefined, (text) => text);
  // A cloned repository must not be able to send the user's token to an address of its choosing. A token is also never
  // sent to a daemon other than the one that it was stored for.
  if (
    (token.origin === 'user file' && (url.origin === 'project file' || url.origin === 'profile')) ||
    (token.origin === 'profile' && url.origin !== 'profile')
  )
    token = { value: undefined, origin: 'default', source: `not sent: the address comes from ${url.source}` };
  if (token.value === undefined && token.source === 'default') token = localToken(url.value) ?? token;
  return Object.freeze({
    url,
    token,
    progress: pick<ProgressMode>('progress', 'auto', parseProgress),
    reconnect: pick('reconnect', 60_000, parseReconnect),
    profile,
    warnings: layers.flatMap(({ warnings = [] }) => warnings),
    faults,
    files: layers.find(({ files }) => files !== undefined)?.files,
    cwd,
  });
}

/** Only for a daemon on this machine: its token is not sent anywhere else. */
function localToken(url: URL): Setting<string | undefined> | undefined {
  const found = isLoopback(url) ? daemonToken() : undefined;
  return found && { value: found.token, origin: 'default', source: found.file };
}

/** Whether an address is certainly on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

export const SETTING_NAMES = ['url', 'token', 'progress', 'reconnect'] as const satisfies SettingName[];

/** @throws UserError (exit 2) for a text that is not a value of the setting */
export function parseSetting(name: SettingName, text: string, source: string): void {
  if (name === 'url') parseUrl(text, source);
  if (name === 'progress') parseProgress(text, source);
  if (name === 'reconnect') parseReconnect(text, source);
}

/**
 * Reads an address; adds http:// if it has no scheme: `localhost:4000`.
 * @throws UserError (exit 2)
 */
export function parseUrl(text: string, source: string): URL {
  // Else a number would be an IPv4 address: 4001 is 0.0.15.161.
  if (/^\d+$/.test(text))
    throw usageError(
      `"${text}" (${source}) is not a daemon's address`,
      'it is only a number',
      `for a port of this machine: localhost:${text}`,
    );
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  const port = /:(\d+)(?:[/?#]|$)/.exec(whole.slice(whole.indexOf('//') + 2))?.[1];
  if (!url && Number(port) > LAST_PORT)
    throw usageError(
      `"${text}" (${source}) is not a daemon's address`,
      `the highest port is ${LAST_PORT}, and it has ${port}`,
      `an example: ${DEFAULT_URL}`,
    );
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usageError(
      `"${text}" (${source}) is not a daemon's address`,
      'it must be an http:// or https:// URL, or a host and a port',
      `an example: ${DEFAULT_URL}`,
    );
  if (/\/api\/*$/.test(url.pathname))
    throw usageError(
      `"${text}" (${source}) is not a daemon's address`,
      'csvjobs itself adds /api',
      `${url.origin}${url.pathname.replace(/\/api\/*$/, '')}`,
    );
  if (url.username !== '' || url.password !== '')
    throw usageError(
      `The address in ${source} has a user or a password in it`,
      'addresses can end up in logs',
      'set CSVJOBS_TOKEN instead',
    );
  return url;
}

function parseProgress(text: string, source: string): ProgressMode {
  const mode = PROGRESS_MODES.find((known) => known === text);
  if (!mode)
    throw usageError(
      `"${text}" (${source}) is not a progress mode`,
      `the modes are ${PROGRESS_MODES.join(', ')}`,
    );
  return mode;
}

function parseReconnect(text: string, source: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw usageError(`"${text}" (${source}) is not a duration`, undefined, 'examples: 30s, 5m');
  return ms;
}
