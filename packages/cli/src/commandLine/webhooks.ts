/** `csvjobs webhooks`: lists deliveries, tests an endpoint, redelivers. */
import { DELIVERIES_LIMIT, DELIVERY_STATUSES, type DeliveryStatus } from '@csvjobs/shared/paths';
import { type Command, Option } from 'commander';
import { type Choose, examples } from './action.js';
import { wholeNumber } from './options.js';

interface ListFlags {
  status?: DeliveryStatus;
  endpoint?: string;
  job?: string;
  limit?: number;
}

interface RedeliverFlags {
  failed?: boolean;
  endpoint?: string;
}

export function addWebhooks(program: Command, choose: Choose): void {
  const webhooks = program
    .command('webhooks')
    .description('show webhook deliveries, test an endpoint, redeliver')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'csvjobs webhooks list',
        'csvjobs webhooks test',
        'csvjobs webhooks redeliver --failed    after a receiver was down for too long',
      ),
    );
  webhooks
    .command('list')
    .description('list the endpoints and the newest deliveries')
    .addOption(new Option('--status <state>', 'only deliveries with this status').choices(DELIVERY_STATUSES))
    .option('--endpoint <endpoint>', 'only deliveries to this endpoint')
    .option('--job <id>', 'only deliveries of this job')
    .option(
      '-n, --limit <n>',
      `maximum number of deliveries, up to ${DELIVERIES_LIMIT.most} (default: ${DELIVERIES_LIMIT.default})`,
      wholeNumber,
    )
    .addHelpText(
      'after',
      examples(
        'csvjobs webhooks list',
        'csvjobs webhooks list --status failed',
        'csvjobs webhooks list --json',
      ),
    )
    .action((options: ListFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/webhooks.js')).listWebhooks(context, options),
      ),
    );
  webhooks
    .command('test')
    .description('send a test webhook to an endpoint and show the response')
    .argument('[endpoint]', 'its name; not needed if there is only one')
    .addHelpText('after', examples('csvjobs webhooks test', 'csvjobs webhooks test erp'))
    .action((endpoint: string | undefined, _options: object, command) =>
      choose(command, async (context) =>
        (await import('../commands/webhooks.js')).testWebhook(context, endpoint),
      ),
    );
  webhooks
    .command('redeliver')
    .description('redeliver, with the same webhook-id')
    .argument('[delivery...]', 'IDs or unique prefixes of deliveries')
    .option('--failed', 'all failed deliveries, except tests')
    .option('--endpoint <endpoint>', 'with --failed: only those to this endpoint')
    .addHelpText(
      'after',
      examples('csvjobs webhooks redeliver 7c1f2c39', 'csvjobs webhooks redeliver --failed --endpoint erp'),
    )
    .action((deliveries: string[], options: RedeliverFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/webhooks.js')).redeliverWebhooks(context, deliveries, options),
      ),
    );
}
