/** `csvjobs webhooks`: shows whether webhooks arrive, sends a test, and redelivers. Needs a token of scope admin. */
import type { Redeliver, WebhookDelivery } from '@csvjobs/shared';
import { DELIVERIES_LIMIT, isUuid } from '@csvjobs/shared/paths';
import type { DaemonClient, WebhooksQuery } from '../client/daemonClient.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { table } from '../text/table.js';
import { clean, plural, shellQuote, toJson } from '../text/text.js';
import { DELIVERY_COLUMNS, deliveryRows, ENDPOINT_COLUMNS, endpointRows } from '../text/webhookTable.js';
import { UserError, usageError } from '../userError.js';

/** Lists endpoints, and below them deliveries, newest first; with --quiet only the IDs of the deliveries. */
export async function listWebhooks(context: Context, { job, ...query }: WebhooksQuery): Promise<ExitCode> {
  const client = await context.client();
  const ofJob = job === undefined ? {} : { job: await resolveId(client, job) };
  const { endpoints, deliveries } = await client.webhooks({ ...query, ...ofJob });
  const { out, err, json, quiet } = context;
  if (json) {
    out.line(toJson({ endpoints, deliveries }, out.tty ? 2 : undefined));
    return EXIT.done;
  }
  if (quiet) {
    for (const { id } of deliveries) out.line(id);
    return EXIT.done;
  }
  const { paint, columns } = out;
  for (const line of endpoints.length === 0
    ? []
    : await table(ENDPOINT_COLUMNS, endpointRows(endpoints, paint), columns, paint.dim))
    out.line(line);
  const rows = deliveryRows(deliveries, endpoints, paint, columns !== undefined);
  if (rows.length > 0) {
    if (endpoints.length > 0) out.line('');
    for (const line of await table(DELIVERY_COLUMNS, rows, columns, paint.dim)) out.line(line);
  }
  if (endpoints.length === 0)
    err.hint(
      'There are no webhook endpoints. To add one, set WEBHOOK_URL and WEBHOOK_SECRET for the daemon.',
    );
  else if (rows.length === 0)
    err.hint('No such deliveries. To try an endpoint: csvjobs webhooks test <endpoint>');
  for (const { name, configured } of endpoints) if (!configured) err.hint(noDaemon(name));
  const disabled = endpoints.filter(({ configured, disabledAt }) => configured && disabledAt !== null);
  for (const { name } of disabled)
    err.hint(`${clean(name)} is disabled: it answered 410. To try it again, restart the daemon.`);
  const failed = endpoints.reduce((sum, each) => sum + (each.disabledAt === null ? each.failed : 0), 0);
  if (failed > 0)
    err.hint(
      `${plural(failed, 'delivery').replace(/ys$/, 'ies')} failed. To send them again: csvjobs webhooks redeliver --failed`,
    );
  return EXIT.done;
}

function noDaemon(endpoint: string): string {
  return `No running daemon has ${clean(endpoint)} in its configuration: nothing is sent to it until one has.`;
}

/** Exit 0 if the test arrived, 5 if it was refused or not answered, 8 if no daemon has sent it yet. */
export async function testWebhook(context: Context, endpoint: string | undefined): Promise<ExitCode> {
  const delivery = await (await context.client()).testWebhook(endpoint);
  const { out, err, json, quiet } = context;
  const exitCode =
    delivery.status === 'delivered'
      ? EXIT.done
      : delivery.status === 'failed'
        ? EXIT.failed
        : EXIT.unfinished;
  const name = clean(delivery.endpoint);
  if (json) out.line(toJson({ ...delivery, exitCode }, out.tty ? 2 : undefined));
  else out.line(quiet ? delivery.id : `${name}: ${outcomeOf(delivery)}`);
  if (json || quiet) return exitCode;
  if (exitCode === EXIT.failed)
    err.hint(`Check the receiver and WEBHOOK_URL, then: csvjobs webhooks test ${shellQuote(name)}`);
  if (exitCode === EXIT.unfinished)
    err.hint(
      `Is a daemon running that has this endpoint? See: csvjobs webhooks list --endpoint ${shellQuote(name)}`,
    );
  return exitCode;
}

function outcomeOf({ status, httpStatus, error }: WebhookDelivery): string {
  if (status === 'delivered') return `delivered (${httpStatus})`;
  return status === 'failed' ? `not delivered: ${clean(error ?? '')}` : 'not sent yet';
}

/** @throws UserError (exit 2) if it is not clear which deliveries are meant */
export async function redeliverWebhooks(
  context: Context,
  deliveries: readonly string[],
  { failed, endpoint }: { failed?: boolean; endpoint?: string },
): Promise<ExitCode> {
  const example = 'csvjobs webhooks redeliver --failed';
  if (deliveries.length > 0 && failed)
    throw usageError('IDs and --failed cannot be used together', undefined, example);
  if (deliveries.length === 0 && !failed)
    throw usageError('No deliveries given', 'use their IDs, or --failed for all failed ones', example);
  if (endpoint !== undefined && !failed)
    throw usageError('--endpoint needs --failed', 'an ID already belongs to one endpoint', example);
  const client = await context.client();
  const wanted: Redeliver = failed
    ? { failed, ...(endpoint !== undefined && { endpoint }) }
    : { ids: await resolveDeliveries(client, deliveries) };
  const again = await client.redeliver(wanted);
  const { out, err, json, quiet } = context;
  if (json) out.line(toJson({ deliveries: again }, out.tty ? 2 : undefined));
  else for (const { id } of again) out.line(id);
  if (json || quiet) return EXIT.done;
  if (again.length === 0) {
    err.hint('No failed deliveries.');
    return EXIT.done;
  }
  const { endpoints } = await client.webhooks({ limit: 1 });
  const unsent = endpoints.filter(
    ({ name, configured }) => !configured && again.some((each) => each.endpoint === name),
  );
  for (const { name } of unsent) err.hint(noDaemon(name));
  const sent = again.filter((each) => !unsent.some(({ name }) => name === each.endpoint));
  if (sent.length > 0)
    err.hint(
      `${again.length === 1 ? 'It is' : unsent.length === 0 ? 'They are' : 'The others are'} sent shortly. To see the result: csvjobs webhooks list`,
    );
  return EXIT.done;
}

/** Accepts full IDs unchanged; a shorter one must be the unique prefix of one of the newest deliveries. */
async function resolveDeliveries(client: DaemonClient, texts: readonly string[]): Promise<string[]> {
  const known = texts.every((text) => isUuid(text))
    ? []
    : (await client.webhooks({ limit: DELIVERIES_LIMIT.most })).deliveries;
  return texts.map((text) => {
    const prefix = text.toLowerCase();
    if (isUuid(prefix)) return prefix;
    const [found, ...more] = known.filter(({ id }) => id.startsWith(prefix));
    if (found && more.length === 0) return found.id;
    throw new UserError({
      code: found ? 'id_ambiguous' : 'webhook_not_found',
      exitCode: EXIT.usage,
      what: found
        ? `The IDs of ${more.length + 1} deliveries begin with "${clean(text)}"`
        : `No delivery has an ID that begins with "${clean(text)}"`,
      next: found ? 'use more characters of the ID' : 'csvjobs webhooks list',
    });
  });
}
