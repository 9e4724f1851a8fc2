/** The allowed content of the two compose files: a strict schema (an unknown key is an error), with variables filled in. */
import { parse } from 'yaml';
import { z } from 'zod';

const duration = z.string().regex(/^(\d+(s|m))+$/);
const size = z.string().regex(/^\d+(kb|mb|gb)$/);

/** The keys of the compose specification that these files use, with its types. */
const service = z
  .strictObject({
    image: z.string(),
    build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
    init: z.boolean().optional(),
    restart: z.literal('unless-stopped'),
    stop_grace_period: duration.optional(),
    shm_size: size.optional(),
    user: z.string().optional(),
    read_only: z.boolean().optional(),
    tmpfs: z.array(z.string()).optional(),
    cap_drop: z.array(z.string()).optional(),
    security_opt: z.array(z.string()).optional(),
    env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
    environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    command: z.array(z.string()).optional(),
    ports: z.array(z.string()).default([]),
    volumes: z.array(z.string()).default([]),
    depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
    healthcheck: z.strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
      interval: duration,
      timeout: duration,
      retries: z.number().int().positive(),
      start_period: duration.optional(),
    }),
    logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
  })
  .refine(
    ({ healthcheck: { test } }) => test[0] === 'CMD' || test.length === 2,
    'CMD-SHELL takes one string',
  );

const file = z
  .looseObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
    services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), service),
    volumes: z.record(z.string(), z.null()),
  })
  .refine(
    (all) => Object.keys(all).every((key) => /^(name|services|volumes|x-.+)$/.test(key)),
    'an unknown key at the top',
  );

export type ComposeFile = z.infer<typeof file>;

/**
 * Reads a compose file as `docker compose` does: variables first, then YAML with its merge keys.
 * @throws {Error} on a variable without a default that is not in `environment`, and if the schema does not match
 */
export function readCompose(text: string, environment: Record<string, string> = {}): ComposeFile {
  return file.parse(interpolate(parse(text, { merge: true }), environment));
}

/**
 * `${NAME:-default}` (also for an empty value), `${NAME-default}` (only if it is not set), `${NAME:?message}`
 * (an error if it is empty or not set) and `$$`.
 */
function interpolate(value: unknown, environment: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, environment));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolate(item, environment)]),
    );
  if (typeof value !== 'string') return value;
  return value.replace(
    /\$(?:\$|\{(\w+)(:?-|:\?)([^}]*)\}|.)/g,
    (whole, name: string | undefined, mark: string, fallback: string) => {
      if (whole === '$$') return '$';
      if (name === undefined) throw new Error(`${value}: a variable without a default`);
      const set = environment[name];
      if (mark === ':?' && !set) throw new Error(`required variable ${name} is missing a value: ${fallback}`);
      return set === undefined || (mark !== '-' && set === '') ? fallback : set;
    },
  );
}
