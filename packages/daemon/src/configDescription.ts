/** The configuration in words: the known variables, their values, and names that look mistyped. */
import { nearest } from '@csvjobs/shared';
import { z } from 'zod';
import { type Config, environmentSchema } from './config.js';
import { isWebhookVariable, WEBHOOK_KINDS } from './webhooks/configuration.js';

/** Values that are never shown. */
const SECRET = /^(API_TOKEN|DB_PASSWORD|DB_SSLPASSWORD|REDIS_SENTINEL_PASSWORD|WEBHOOK_SECRET(_\w+)?)$/;

/** How many typos a name may have. */
const TYPOS = 2;

/** Defaults that depend on the machine. */
const COMPUTED_DEFAULTS: Record<string, string> = {
  DB_SCHEMA: 'public, usually',
  DB_SSLMODE: 'prefer',
  WORKER_LANES: 'cores − 1 (2 to 4)',
  TARGET_TABLES: 'all of its schema on a private server, otherwise only customers',
  DATA_DIR: 'the XDG data folder',
  UPLOAD_DIR: 'DATA_DIR/uploads',
  MAX_DECODED_BYTES: 'MAX_UPLOAD_BYTES',
};

export interface Variable {
  name: string;
  /** As text; undefined if it has none. */
  fallback: string | undefined;
  description: string;
}

/** Every variable, in the order of the schema. */
export function variables(): Variable[] {
  const { properties = {} } = z.toJSONSchema(environmentSchema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, about]) => {
    const { default: fallback, description = '' } = about as { default?: unknown; description?: string };
    return {
      name,
      fallback: COMPUTED_DEFAULTS[name] ?? (fallback === undefined ? undefined : String(fallback)),
      description,
    };
  });
}

/** The effective configuration, one variable per line, with the source of each value; secrets are hidden. */
export function effectiveConfiguration(environment: NodeJS.ProcessEnv, config: Config): string {
  const found: Record<string, string> = {
    WORKER_LANES: String(config.WORKER_LANES),
    DATA_DIR: config.dataDir,
    UPLOAD_DIR: config.uploadDir,
    MAX_DECODED_BYTES: String(config.maxDecodedBytes),
  };
  const further = Object.keys(environment)
    .filter((name) => isWebhookVariable(name) && environment[name] && !(name in environmentSchema.shape))
    .map((name) => ({ name, fallback: undefined }));
  const all = [...variables(), ...further.sort((one, other) => (one.name < other.name ? -1 : 1))];
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(({ name, fallback }) => {
    const set = environment[name];
    if (set) return `${name.padEnd(width)}  ${shown(name, set)}`;
    const value = found[name] ?? fallback;
    return `${name.padEnd(width)}  ${value === undefined ? 'not set' : `${shown(name, value)} (default)`}`;
  });
  return `${lines.join('\n')}\n`;
}

/** Variables that are set but unknown, and so similar to a known one that it is probably meant. */
export function mistypedVariables(environment: NodeJS.ProcessEnv): { name: string; meant: string }[] {
  const known = Object.keys(environmentSchema.shape);
  return Object.keys(environment).flatMap((name) => {
    if (known.includes(name) || isWebhookVariable(name) || name.length < 5) return [];
    const key = name.toUpperCase();
    const meant = furtherWebhook(key) ?? nearest(key, known, TYPOS);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** The variable of a further endpoint: its kind may be mistyped, and its suffix may have other characters. */
function furtherWebhook(key: string): string | undefined {
  const [, kind = '', suffix = ''] = /^WEBHOOK_([^_]+)_(.+)$/.exec(key) ?? [];
  const name = suffix.replace(/[^A-Z0-9]/g, '');
  const meant = nearest(kind, WEBHOOK_KINDS, TYPOS);
  return meant === undefined || name === '' ? undefined : `WEBHOOK_${meant}_${name}`;
}

function shown(name: string, value: string): string {
  if (SECRET.test(name)) return '(hidden)';
  // Everything after the host of a URL may be secret.
  if (/^WEBHOOK_URL(_|$)/.test(name) && URL.canParse(value)) return `${new URL(value).origin}/(hidden)`;
  return value
    .replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1(hidden)@')
    .replace(/([?&](?:ssl)?password=)[^&]*/gi, '$1(hidden)');
}
