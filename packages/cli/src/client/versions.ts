/** Which versions of the command line and the daemon are compatible. */
import { clean } from '../text/text.js';

/**
 * Returns a message about two versions that may be incompatible. Returns undefined if they are compatible (the same
 * major version, and before 1.0 the same minor one; semver.org, 4) or if one is unknown.
 */
export function mismatch(own: string | undefined, daemon: string | undefined): string | undefined {
  if (own === undefined || daemon === undefined || line(own) === line(daemon)) return undefined;
  return `this csvjobs is version ${own} and the daemon ${clean(daemon)}: install the same on both sides (npm install --global csvjobs@${clean(daemon)})`;
}

function line(version: string): string {
  const [major, minor] = version.split('.');
  return major === '0' ? `0.${minor}` : `${major}`;
}
