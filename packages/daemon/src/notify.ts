/** Tells systemd that the daemon is ready (sd_notify(3)), where the unit is of Type=notify. */
import { execFile } from 'node:child_process';

/**
 * Does nothing where no service manager waits. Node has no datagram sockets of Unix, so systemd's own program sends
 * the word; the unit says NotifyAccess=all for that.
 */
export async function notifyReady(
  environment: NodeJS.ProcessEnv,
  { pid, status }: { pid: number; status: string },
): Promise<'told' | 'nobody waits' | Error> {
  if (!environment.NOTIFY_SOCKET) return 'nobody waits';
  const args = ['--ready', `--pid=${pid}`, `--status=${status}`];
  return new Promise((resolve) => {
    execFile('systemd-notify', args, { env: environment, timeout: 10_000 }, (error) =>
      resolve(error ?? 'told'),
    );
  });
}
