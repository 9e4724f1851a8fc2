/**
 * What to do about a token that the daemon refuses: where another one has to be stored so that it is the one that is
 * sent.
 */
import { shellQuote } from '../text/text.js';
import { daemonToken } from './environment.js';
import { isLoopback, type Settings } from './settings.js';

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
  const admin = isLoopback(url.value) ? daemonToken() : undefined;
  const from = admin && admin.token !== token.value ? ` < ${shellQuote(admin.file)}` : '';
  return {
    unknown: isWithheld(token)
      ? profile === undefined
        ? 'set CSVJOBS_TOKEN to a token of this daemon'
        : `to send the token of the profile, leave out ${url.source}`
      : profile === undefined
        ? `${login}, or set CSVJOBS_TOKEN to a token of this daemon`
        : inProfile,
    insufficient: `log in with a token that may do this, then add --profile admin: ${login} --profile admin${from}`,
  };
}

/** Whether there is a token, but for another address. */
function isWithheld({ value, source }: Chosen['token']): boolean {
  return value === undefined && source !== 'default';
}
