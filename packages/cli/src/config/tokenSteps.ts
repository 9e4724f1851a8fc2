/**
 * What to do about a token that the daemon refuses: where another one has to be stored so that it is the one that is
 * sent.
 */
import { shellQuote } from '../text/text.js';
import { daemonToken } from './environment.js';
import { isLoopback, type Settings } from './settings.js';
import { profilesFor, storedProfiles } from './userFile.js';

export interface TokenSteps {
  /** If the daemon does not know the token, or needs one. */
  unknown: string;
  /** If the token is not for what was asked. It keeps its place, because it is good for other things. */
  insufficient: string;
}

type Chosen = Pick<Settings, 'url' | 'token' | 'profile'>;

export function tokenSteps({ url, token, profile }: Chosen): TokenSteps {
  const { origin } = url.value;
  const login = `csvjobs login ${origin}`;
  const inProfile = profile === undefined ? login : `${login} --profile ${shellQuote(profile)}`;
  if (token.origin === 'environment')
    return {
      unknown: `set CSVJOBS_TOKEN to a token of this daemon, or unset it and run: ${inProfile}`,
      insufficient: 'set CSVJOBS_TOKEN to a token that may do this',
    };
  return {
    unknown: isWithheld(token)
      ? profile === undefined
        ? 'set CSVJOBS_TOKEN to a token of this daemon'
        : `to send the token of the profile, leave out ${url.source}`
      : profile === undefined
        ? `${login}, or set CSVJOBS_TOKEN to a token of this daemon`
        : inProfile,
    // Reads files, which only a refused token needs.
    get insufficient() {
      const others = profilesFor(origin, token.value).filter((name) => name !== profile);
      if (others.length > 0)
        return `if its token may do this, add ${others.map((name) => `--profile ${shellQuote(name)}`).join(' or ')}`;
      const admin = isLoopback(url.value) ? daemonToken() : undefined;
      // Only the token of this daemon is known to be an admin's; for any other the user knows a name.
      const [name, from] =
        admin && admin.token !== token.value
          ? [unusedName('admin'), ` < ${shellQuote(admin.file)}`]
          : ['<name>', ''];
      return `log in with a token that may do this, then add --profile ${name}: ${login} --profile ${name}${from}`;
    },
  };
}

/** A profile that exists has settings of its own, perhaps of another daemon, which a login would replace. */
function unusedName(wanted: string): string {
  const taken = storedProfiles();
  let name = wanted;
  for (let at = 2; taken.includes(name); at++) name = `${wanted}-${at}`;
  return name;
}

/** Whether there is a token, but for another address. */
function isWithheld({ value, source }: Chosen['token']): boolean {
  return value === undefined && source !== 'default';
}
