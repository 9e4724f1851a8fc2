/** GETs a file on the web, through redirects and proxies. */
import type { IncomingHttpHeaders } from 'node:http';
import { proxies } from '../../config/environment.js';
import { version } from '../../version.js';
import { type Dispatcher, type EnvHttpProxyAgent, loadUndici } from '../undici.js';
import { basicCredentials, shownAddress } from './webAddress.js';
import { sourceError } from './webErrors.js';

export interface WebAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Dispatcher.ResponseData['body'];
  /** Where it came from in the end. */
  url: URL;
}

/** Redirects that are followed, one after the other. */
const MOST_REDIRECTS = 5;
/** Milliseconds: to a connection, to the head of an answer, and between two parts of its body. */
const TIMEOUTS = { connect: 15_000, head: 60_000, body: 45_000 };

/** Gets files from the web; `close` closes its connections. */
export interface WebClient {
  /**
   * Sends a GET and follows redirects. The body has the stored bytes: compressed files stay compressed.
   * @throws UserError if a redirect leads nowhere; errors of the network; the abort's reason
   */
  get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<WebAnswer>;
  close(): Promise<void>;
}

/** A client that goes through the proxies of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY). */
export async function openWebClient(): Promise<WebClient> {
  const { EnvHttpProxyAgent } = await loadUndici();
  const agent: EnvHttpProxyAgent = new EnvHttpProxyAgent({
    ...proxies(),
    connect: { timeout: TIMEOUTS.connect },
    headersTimeout: TIMEOUTS.head,
    bodyTimeout: TIMEOUTS.body,
  });
  return {
    async get(first, headers, signal) {
      let url = first;
      let credentials = basicCredentials(first);
      for (let followed = 0; ; followed += 1) {
        const {
          statusCode,
          headers: answered,
          body,
        } = await agent.request({
          method: 'GET',
          origin: url.origin,
          path: url.pathname + url.search,
          headers: {
            'user-agent': `csvjobs/${version()}`,
            // If the server compressed the body for transfer, ranges would not refer to the file's bytes.
            'accept-encoding': 'identity',
            ...headers,
            ...(credentials !== undefined && { authorization: credentials }),
          },
          signal,
        });
        if (![301, 302, 303, 307, 308].includes(statusCode))
          return { status: statusCode, headers: answered, body, url };
        await dropBody(body);
        const next = redirected(first, url, answered.location?.toString(), followed);
        // Never send credentials to another origin.
        if (next.origin !== url.origin) credentials = undefined;
        url = next;
      }
    },
    close: () => agent.destroy(),
  };
}

/** Discards the unneeded body of an answer. */
export async function dropBody(body: WebAnswer['body']): Promise<void> {
  body.on('error', () => {});
  body.destroy();
}

/** @throws UserError if the redirect cannot be followed */
function redirected(first: URL, from: URL, location: string | undefined, followed: number): URL {
  const what = `${shownAddress(first.href)} cannot be read`;
  if (location === undefined || !URL.canParse(location, from.href))
    throw sourceError(what, 'it redirects without an address', 'check the address');
  const to = new URL(location, from);
  if (followed >= MOST_REDIRECTS)
    throw sourceError(
      what,
      `more than ${MOST_REDIRECTS} redirects, one after the other`,
      'use the final address',
    );
  if (!/^https?:$/.test(to.protocol))
    throw sourceError(what, `it redirects to ${to.protocol}, which is not supported`, 'use an https address');
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw sourceError(
      what,
      `it redirects from https to ${shownAddress(to.href)}, which others on the network could change`,
      'use that address directly, if you trust the network',
    );
  return to;
}
