import type { Context } from 'koa';
import { refuse } from './problems.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The `:id` of a path as PostgreSQL takes it. @throws {Failure} `job_not_found` where it is not a UUID */
export function jobIdOf(ctx: Context & { params: Record<string, string> }): string {
  const id = ctx.params.id ?? '';
  if (!isUuid(id)) throw noSuchJob(id);
  return id.toLowerCase();
}

export function noSuchJob(id: string): Error {
  return refuse(
    'job_not_found',
    `there is no job ${JSON.stringify(id)}; GET /api/jobs lists the jobs there are`,
  );
}
