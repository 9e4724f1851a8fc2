/** `csvjobs login`: asks for a daemon's token, tries it, and saves address and token in the user's own file. */
import { askSecret, canAsk } from '../ask.js';
import { otherScheme } from '../client/networkError.js';
import { parseUrl } from '../config/settings.js';
import { storeValues } from '../config/userFile.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean, shellQuote, toJson } from '../text/text.js';
import { asUserError, type UserError, usageError, withNext } from '../userError.js';

/** In a pipe, the token is the first line of stdin. A token that the daemon does not accept is not saved (exit 4). */
export async function login(context: Context, address: string): Promise<ExitCode> {
  const { settings, out, err, json, quiet } = context;
  const { profile } = settings;
  const url = parseUrl(address, 'the address');
  const token = await tokenFor(context, url);
  const typed = { origin: 'default', source: 'default' } as const;
  const client = await context.clientFor({
    url: { value: url, ...typed },
    token: { value: token === '' ? undefined : token, ...typed },
    profile,
  });
  await client.summaries({ limit: 1 }).catch((error: unknown) => {
    throw again(asUserError(error), url, context);
  });
  const file = storeValues({ url: url.href, token: token === '' ? undefined : token }, profile);
  if (json) out.line(toJson({ url: url.href, profile: profile ?? null, file }));
  else if (!quiet) {
    const use = profile === undefined ? '' : `; use it with --profile ${clean(profile)}`;
    err.line(
      `${err.paint.green('✓')} Logged in to ${url.origin}. Stored in ${file}, which only you can read${use}.`,
    );
  }
  return EXIT.done;
}

/** @throws UserError (exit 2) on a terminal that cannot be asked: reading it would stop the program, or show the token */
async function tokenFor(context: Context, { origin }: URL): Promise<string> {
  if (canAsk(context))
    return await askSecret(context, `Token for ${origin} (empty for none; it is not shown): `);
  if (context.stdin.isTTY === true)
    throw usageError(
      'Cannot ask for the token',
      'csvjobs runs in the background, or its questions do not reach the terminal',
      `csvjobs login ${origin} in the foreground, or with the token on stdin`,
    );
  return await firstLine(context.stdin);
}

/** If the daemon does not accept the token, or speaks http in place of https, the next command is a login to the same profile. */
function again(error: UserError, { origin }: URL, context: Context): UserError {
  const { profile } = context.settings;
  const option = profile === undefined ? '' : ` --profile ${shellQuote(profile)}`;
  const from = canAsk(context) ? '' : ' < token.txt';
  const address = error.code === 'unauthorised' ? origin : otherScheme(error);
  return address === undefined ? error : withNext(error, `csvjobs login ${address}${option}${from}`);
}

async function firstLine(stdin: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stdin) {
    parts.push(Buffer.from(part));
    if (parts.at(-1)?.includes(0x0a)) break;
  }
  return Buffer.concat(parts).toString('utf8').split('\n')[0]?.trim() ?? '';
}
