import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * An environment like on another machine: an empty HOME in `folder`, of this process only the PATH to Node and the
 * system's programs, and of npm only its cache (which saves downloads) and its registry settings.
 */
export async function npmEnvironment(folder: string): Promise<Record<string, string>> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const npm: Record<string, string> = {};
  for (const key of ['cache', 'registry', 'proxy', 'https-proxy', 'cafile']) {
    const value = (await promisify(execFile)('npm', ['config', 'get', key])).stdout.trim();
    if (value !== '' && value !== 'null' && value !== 'undefined')
      npm[`npm_config_${key.replace('-', '_')}`] = value;
  }
  return {
    HOME: home,
    // Without node_modules/.bin of this repository, which npm puts first: the programs must be the folder's own.
    PATH: (process.env.PATH ?? '')
      .split(delimiter)
      .filter((place) => !place.includes('node_modules'))
      .join(delimiter),
    LANG: 'C.UTF-8',
    ...npm,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}
