/** `csvjobs doctor`: checks everything that csvjobs needs, and says how to fix each part that fails. */
import type { Readiness } from '@csvjobs/shared';
import type { DaemonClient, ReadyAnswer } from '../client/daemonClient.js';
import { mismatch } from '../client/versions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { type Labelled, labelledLines } from '../text/labelled.js';
import { clean, duration, toJson } from '../text/text.js';
import { asUserError } from '../userError.js';
import { version } from '../version.js';

interface Finding {
  name: string;
  ok: boolean;
  message: string;
  next?: string;
}

/** The engines field of package.json, as numbers. */
const NODE_FLOOR = [20, 18, 1] as const;

/** If the clocks differ by more than this, in milliseconds, ages and times look wrong. */
const CLOCK_LIMIT = 5_000;

/** How to fix a part of the daemon that fails. */
const REMEDIES: Partial<Record<string, string>> = {
  postgresql: 'start PostgreSQL, or fix DATABASE_URL (DB_HOST, DB_PORT, …) of the daemon',
  migrations: 'csvjobsd migrate',
  direct: 'fix DATABASE_DIRECT_URL of the daemon: the same database, without the pooler',
  redis: 'start Redis, or fix REDIS_URL of the daemon; its maxmemory-policy must be noeviction',
  disk: 'free some space on the disk of UPLOAD_DIR',
  workers: 'start a worker of the same version as the API: csvjobsd --role worker',
};

/** Exit 0 if all is well, 6 if the daemon is unreachable or not ready, 4 without access, 1 for anything else. */
export async function doctor(context: Context): Promise<ExitCode> {
  const { settings, out, json, signal } = context;
  const findings: Finding[] = [node(), ...configuration(context)];
  let code: ExitCode = EXIT.done;
  try {
    const client = await context.client();
    const answer = await client.ready();
    const { readiness } = answer;
    findings.push({ name: 'daemon', ok: true, message: `answers at ${settings.url.value.origin}` });
    findings.push(versions(readiness.version), ...clock(answer));
    for (const [name, { ok, message, warning }] of Object.entries(readiness.checks))
      findings.push({
        // The finding above already says that the daemon answers; this one shows its roles.
        name: name === 'daemon' ? 'roles' : clean(name),
        ok: ok && !warning,
        message: clean(message),
        ...(!(ok && !warning) && { next: remedy(name, readiness) }),
      });
    if (!readiness.ready) code = EXIT.unreachable;
    else {
      const { exitCode, ...finding } = await access(context, client);
      findings.push(finding);
      code = exitCode;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const { withInstallStep } = await import('../offerDaemon.js');
    const { message, why, next, exitCode } = withInstallStep(asUserError(error));
    code = exitCode;
    findings.push({
      name: 'daemon',
      ok: false,
      message: why ? `${message}: ${why}` : message,
      ...(next && { next }),
    });
  }
  if (code === EXIT.done && findings.some(({ ok }) => !ok)) code = EXIT.unexpected;
  if (json) {
    const typed = findings.map(({ next, ...rest }) => ({ ...rest, ...(next && { next: out.typed(next) }) }));
    out.line(toJson({ ok: code === EXIT.done, findings: typed }, out.tty ? 2 : undefined));
  } else for (const line of lines(context, findings)) out.hint(line);
  return code;
}

function lines({ out: { paint, columns } }: Context, findings: readonly Finding[]): string[] {
  const facts = findings.flatMap(({ name, ok, message, next }): Labelled[] => [
    [`${ok ? paint.green('✓') : paint.red('✗')} ${name}`, message],
    ...(next === undefined ? [] : [['', `next: ${paint.cyan(next)}`] satisfies Labelled]),
  ]);
  return labelledLines(facts, columns);
}

/** The table of tokens is in PostgreSQL: the daemon is asked only when it is ready. */
async function access(
  { settings: { token }, signal }: Context,
  client: DaemonClient,
): Promise<Finding & { exitCode: ExitCode }> {
  const name = 'access';
  try {
    await client.summaries({ limit: 1, signal });
    const message =
      token.value === undefined ? 'no token is needed' : `the token is accepted (${token.source})`;
    return { name, ok: true, message, exitCode: EXIT.done };
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, why, next, exitCode } = asUserError(error);
    return {
      name,
      ok: false,
      message: why ? `${message}: ${why}` : message,
      ...(next && { next }),
      exitCode,
    };
  }
}

/** Without PostgreSQL these cannot be checked, and then they are not what needs fixing. */
const READ_FROM_POSTGRESQL = new Set(['migrations', 'workers']);

function remedy(name: string, { checks }: Readiness): string {
  const cause = READ_FROM_POSTGRESQL.has(name) && checks.postgresql?.ok === false ? 'postgresql' : name;
  if (cause === 'postgresql' && /\bgrant [A-Z]/.test(checks.postgresql?.message ?? ''))
    return 'run the GRANT statements of postgresql as the owner of the tables; the daemon needs no restart';
  return REMEDIES[cause] ?? 'csvjobs daemon logs';
}

/** Files that cannot be used, and unknown settings in the configuration files: a typo, or from a later version. */
function configuration({ settings: { warnings, faults } }: Context): Finding[] {
  const broken = faults.map(({ message, why, next }) => ({
    name: 'config',
    ok: false,
    message: clean(why ? `${message}: ${why}` : message),
    ...(next && { next }),
  }));
  const unknown = warnings.map((warning) => ({
    name: 'config',
    ok: false,
    message: clean(warning),
    next: 'correct or remove the key',
  }));
  return [...broken, ...unknown];
}

function node(): Finding {
  const parts = process.versions.node.split('.').map(Number);
  const different = NODE_FLOOR.findIndex((floor, index) => parts[index] !== floor);
  const ok = different < 0 || (parts[different] ?? 0) > (NODE_FLOOR[different] ?? 0);
  const message = `${process.versions.node}${ok ? '' : `, and at least ${NODE_FLOOR.join('.')} is needed`}`;
  return { name: 'node', ok, message, ...(!ok && { next: 'install a newer Node.js' }) };
}

function versions(daemon: string): Finding {
  const own = version();
  const ok = mismatch(own, daemon) === undefined;
  const message = `csvjobs ${own}, daemon ${clean(daemon)}`;
  return {
    name: 'versions',
    ok,
    message,
    ...(!ok && { next: 'install the same version on both sides' }),
  };
}

function clock({ date }: ReadyAnswer): Finding[] {
  if (!date || Number.isNaN(date.getTime())) return [];
  // The header has whole seconds.
  const apart = Math.max(0, Math.abs(Date.now() - date.getTime()) - 1000);
  const ok = apart <= CLOCK_LIMIT;
  const message = ok ? 'agrees with the daemon' : `${duration(apart)} apart from the daemon's`;
  return [{ name: 'clock', ok, message, ...(!ok && { next: 'synchronize both clocks with NTP' }) }];
}
