/** Values from the environment other than the settings. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the environment says about terminals and CI. Each stream's own TTY is checked elsewhere. */
export function surroundings(): { ci: boolean; dumb: boolean; color: boolean | undefined } {
  const { CI, TERM, NO_COLOR, FORCE_COLOR } = process.env;
  const dumb = TERM === 'dumb';
  let color: boolean | undefined;
  if (dumb) color = false;
  if (NO_COLOR !== undefined && NO_COLOR !== '') color = false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') color = FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return { ci: CI !== undefined && !['', '0', 'false'].includes(CI), dumb, color };
}

/** The environment's proxies for files on the web, in the variables that curl reads. */
export function proxies(): { httpProxy?: string; httpsProxy?: string; noProxy?: string } {
  const { http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } = process.env;
  const [httpProxy, httpsProxy, noProxy] = [
    http_proxy || HTTP_PROXY,
    https_proxy || HTTPS_PROXY,
    no_proxy || NO_PROXY,
  ];
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }), ...(noProxy && { noProxy }) };
}

/** The profile to use from the user file: CSVJOBS_PROFILE. */
export function profileName(): string | undefined {
  return process.env.CSVJOBS_PROFILE || undefined;
}

/** The program that the shell started, as the shell wrote it: `_`. */
export function startedAs(): string | undefined {
  return process.env._;
}

/** Whether the terminal has 256 colours, by the variables that terminals set. */
export function manyColors(): boolean {
  const { TERM = '', COLORTERM = '' } = process.env;
  return /256color|truecolor|24bit|direct/.test(`${TERM} ${COLORTERM}`);
}

/** Whether npx runs this program. If so, commands printed for people to copy start with `npx`. */
export function underNpx(): boolean {
  return process.env.npm_command === 'exec' && process.env.npm_lifecycle_event === 'npx';
}

/** What GitHub Actions and other runners set in the environment. */
export function runner(): { githubActions: boolean; stepSummary: string | undefined } {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  return { githubActions: GITHUB_ACTIONS === 'true', stepSummary: GITHUB_STEP_SUMMARY || undefined };
}

/**
 * The user's home. Under cron or in a container there may be none (HOME empty, no entry in passwd). Then anything below
 * it neither exists nor can be created, because `/dev/null` is not a folder.
 */
export function homeFolder(): string {
  try {
    return homedir() || '/dev/null';
  } catch {
    return '/dev/null';
  }
}

/** The folder for pid files and logs of background daemons: XDG_STATE_HOME/csvjobs. */
export function stateFolder(): string {
  return join(process.env.XDG_STATE_HOME || join(homeFolder(), '.local', 'state'), 'csvjobs');
}

/** The environment for starting a daemon: API_HOST and API_PORT follow the address if they are not set. */
export function daemonEnvironment(url: URL): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  env.API_HOST ||= url.hostname.replace(/^\[|\]$/g, '');
  env.API_PORT ||= daemonPort(url);
  return env;
}

/** Returns API_PORT if it is not the port of the address: a daemon that is started would listen there. */
export function portElsewhere(url: URL): string | undefined {
  const port = daemonEnvironment(url).API_PORT;
  return port === daemonPort(url) ? undefined : port;
}

/** Whether API_HOST says where a daemon that is started listens, instead of its address. */
export function listensElsewhere(): boolean {
  return Boolean(process.env.API_HOST);
}

function daemonPort({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

/** The user's editor, with its arguments: VISUAL, otherwise EDITOR, otherwise vi, as in git. */
export function editorCommand(): string {
  return process.env.VISUAL || process.env.EDITOR || 'vi';
}

/** The folders of PATH. */
export function pathFolders(): string[] {
  return (process.env.PATH ?? '')
    .split(process.platform === 'win32' ? ';' : ':')
    .filter((part) => part !== '');
}

/** How long completion waits for a daemon, as in the environment: CSVJOBS_COMPLETE_TIMEOUT. */
export function completionTimeout(): string | undefined {
  return process.env.CSVJOBS_COMPLETE_TIMEOUT || undefined;
}

/** Path of a daemon program to use instead of the installed one: CSVJOBS_DAEMON. */
export function daemonProgramPath(): string | undefined {
  return process.env.CSVJOBS_DAEMON || undefined;
}

/**
 * The token that a daemon with private servers created in its data folder (DATA_DIR, otherwise the XDG data folder),
 * and its file; undefined if there is none.
 */
export function daemonToken(): { token: string; file: string } | undefined {
  const share = process.env.XDG_DATA_HOME || join(homeFolder(), '.local', 'share');
  const file = join(process.env.DATA_DIR || join(share, 'csvjobs'), 'token');
  try {
    const token = readFileSync(file, 'utf8').trim();
    return token === '' ? undefined : { token, file };
  } catch {
    // Missing, or not readable by this user: the daemon will answer what is needed.
    return undefined;
  }
}
