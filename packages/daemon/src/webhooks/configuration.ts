/**
 * The webhooks of an environment: WEBHOOK_URL with WEBHOOK_SECRET, WEBHOOK_EVENTS and WEBHOOK_TABLES; for
 * each further endpoint the same names with a suffix: WEBHOOK_URL_ERP, WEBHOOK_SECRET_ERP, …
 */
import {
  parseTablePatterns,
  TablePatternInvalid,
  tableRegex,
  WEBHOOK_EVENTS,
  type WebhookEventType,
} from '@csvjobs/shared';
import type { Endpoint } from './endpoint.js';

/** What is configured of each endpoint. */
export const WEBHOOK_KINDS = ['URL', 'SECRET', 'EVENTS', 'TABLES'] as const;

const VARIABLE = new RegExp(`^WEBHOOK_(${WEBHOOK_KINDS.join('|')})(?:_([A-Z0-9]+))?$`);

/** Bytes of a secret (Standard Webhooks 1.0, signature scheme). */
const SECRET_BYTES = { least: 24, most: 64 };

/** How to create a secret; openssl is available wherever TLS is. */
const NEW_SECRET = `make one: echo "whsec_$(openssl rand -base64 32)"`;

/** Whether a variable configures an endpoint. */
export function isWebhookVariable(name: string): boolean {
  return VARIABLE.test(name);
}

/** What is wrong with a variable. */
export interface Issue {
  variable: string;
  message: string;
}

/** The endpoints of an environment, by name, and everything that is wrong with it. */
export function readWebhooks(environment: Readonly<Record<string, string | undefined>>): {
  endpoints: Endpoint[];
  issues: Issue[];
} {
  const issues: Issue[] = [];
  const endpoints: Endpoint[] = [];
  const privateNames = new Set(wordsOf(environment.WEBHOOK_ALLOW_PRIVATE ?? '').map(hostOf));
  const used = new Set<string>();
  const suffixes = Object.keys(environment).flatMap((name) => {
    const [, , suffix] = VARIABLE.exec(name) ?? [];
    return VARIABLE.test(name) && environment[name] ? [suffix === undefined ? '' : `_${suffix}`] : [];
  });
  for (const suffix of [...new Set(suffixes)].sort()) {
    const read = <T>(kind: string, parse: (text: string) => T): T | undefined => {
      const variable = `WEBHOOK_${kind}${suffix}`;
      try {
        return parse(environment[variable] ?? '');
      } catch (error) {
        issues.push({ variable, message: (error as Error).message });
        return undefined;
      }
    };
    if (!environment[`WEBHOOK_URL${suffix}`]) {
      const set = ['SECRET', 'EVENTS', 'TABLES'].find((kind) => environment[`WEBHOOK_${kind}${suffix}`])!;
      issues.push({
        variable: `WEBHOOK_${set}${suffix}`,
        message: `is set, and WEBHOOK_URL${suffix} is not; set both, or neither`,
      });
      continue;
    }
    const url = read('URL', urlOf);
    const secrets = read('SECRET', secretsOf);
    const events = read('EVENTS', eventsOf);
    const tables = read('TABLES', tablesOf);
    if (!url || !secrets || !events) continue;
    const allowPrivate = privateNames.has(url.hostname);
    used.add(url.hostname);
    endpoints.push({
      name: suffix === '' ? 'default' : suffix.slice(1).toLowerCase(),
      url,
      secrets,
      events,
      tables,
      allowPrivate,
    });
  }
  if (endpoints.filter(({ name }) => name === 'default').length > 1)
    issues.push({ variable: 'WEBHOOK_URL_DEFAULT', message: 'is the name of WEBHOOK_URL; choose another' });
  for (const name of privateNames)
    if (issues.length === 0 && !used.has(name))
      issues.push({
        variable: 'WEBHOOK_ALLOW_PRIVATE',
        message: `${JSON.stringify(name)} is not the host of any WEBHOOK_URL`,
      });
  return { endpoints, issues };
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** A host as it appears in a URL: in lower case, in Punycode. */
function hostOf(text: string): string {
  return URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`).hostname : text;
}

function urlOf(text: string): URL {
  if (!URL.canParse(text)) throw new Error('must be a URL, as in https://erp.example.com/hooks/csvjobs');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Error('must begin with https:// or http://');
  if (url.username || url.password)
    throw new Error('must not contain a user or password: the signature identifies the sender');
  return url;
}

function secretsOf(text: string): string[] {
  const secrets = wordsOf(text);
  if (secrets.length === 0) throw new Error(`must be set where its WEBHOOK_URL is; ${NEW_SECRET}`);
  if (secrets.length > 2) throw new Error('must be one secret, or two while the old one is replaced');
  for (const secret of secrets) {
    const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
    const bytes = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length;
    if (bytes < SECRET_BYTES.least || bytes > SECRET_BYTES.most)
      throw new Error(
        `must be whsec_ and the base64 of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes; ${NEW_SECRET}`,
      );
  }
  return secrets;
}

function eventsOf(text: string): WebhookEventType[] {
  const words = wordsOf(text);
  const wrong = words.find((word) => !WEBHOOK_EVENTS.some((event) => event === word));
  if (wrong !== undefined)
    throw new Error(`${JSON.stringify(wrong)} is not an event; the events are ${WEBHOOK_EVENTS.join(', ')}`);
  return WEBHOOK_EVENTS.filter((event) => words.length === 0 || words.includes(event));
}

function tablesOf(text: string): Endpoint['tables'] {
  if (text === '') return undefined;
  try {
    return { patterns: text, regex: tableRegex(parseTablePatterns(text)) };
  } catch (error) {
    if (!(error instanceof TablePatternInvalid)) throw error;
    throw new Error(error.message);
  }
}
