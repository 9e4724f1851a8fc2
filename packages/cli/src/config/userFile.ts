/** Writes the user's settings file: `config set`, `config unset` and `login`. Only its owner may read it (0600). */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';
import { type SettingName, userFile } from './layers.js';

type Values = Partial<Record<SettingName, string>>;

/**
 * Writes values into the file; undefined removes one. Everything else in the file is kept. Returns the file's path.
 * @throws UserError (exit 2) if it cannot be written
 */
export function storeValues(values: Record<string, string | undefined>, profile: string | undefined): string {
  const file = userFile();
  const all = read();
  const profiles = all.profiles ?? {};
  const target: Values = profile === undefined ? all : { ...profiles[profile] };
  for (const [name, value] of Object.entries(values))
    if (value === undefined) delete target[name as SettingName];
    else target[name as SettingName] = value;
  if (profile !== undefined) all.profiles = { ...profiles, [profile]: target };
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Write a file beside it, then rename: another command never sees half a file.
    const part = `${file}.${process.pid}.part`;
    writeFileSync(part, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    chmodSync(part, 0o600);
    renameSync(part, file);
  } catch (cause) {
    throw new UserError({
      code: 'file_unwritable',
      exitCode: EXIT.usage,
      what: `${file} cannot be written`,
      why: writeFault(cause as NodeJS.ErrnoException),
      next: 'correct it, or set CSVJOBS_URL and CSVJOBS_TOKEN instead',
      cause,
    });
  }
  return file;
}

interface Stored extends Values {
  profiles?: Record<string, Values>;
}

/** Whether the file has a value for a setting, or for a key that is none. */
export function isStored(name: string, profile: string | undefined): boolean {
  const all = read();
  const values: object = (profile === undefined ? all : all.profiles?.[profile]) ?? {};
  return name !== 'profiles' && Object.hasOwn(values, name);
}

/** The names of its profiles. */
export function storedProfiles(): string[] {
  return Object.keys(read().profiles ?? {});
}

/** The names of its profiles that have a token for a daemon, other than the given one. */
export function profilesFor(origin: string, token: string | undefined): string[] {
  return Object.entries(read().profiles ?? {})
    .filter(([, values]) => values.token !== undefined && values.token !== token)
    .filter(([, { url = '' }]) => URL.canParse(url) && new URL(url).origin === origin)
    .map(([name]) => name);
}

/** The file was already checked: the settings are loaded first. */
function read(): Stored {
  try {
    return JSON.parse(readFileSync(userFile(), 'utf8')) as Stored;
  } catch (error) {
    // Without a home folder its path is below a file.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return {};
    throw error;
  }
}
