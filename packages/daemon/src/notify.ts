/** Notifies systemd that the daemon is ready (sd_notify(3)), if the unit has Type=notify. */
import { execFile } from 'node:child_process';

/**
 * Does nothing without a waiting service manager. Node has no Unix datagram sockets, so systemd's own program
 * sends the message; the unit has NotifyAccess=all for that.
 */
export async function notifyReady(
  environment: NodeJS.ProcessEnv,
  { pid, status }: { pid: number; status: string },
): Promise<'sent' | 'nobody waits' | Error> {
  if (!environment.NOTIFY_SOCKET) return 'nobody waits';
  const args = ['--ready', `--pid=${pid}`, `--status=${status}`];
  return new Promise((resolve) => {
    execFile('systemd-notify', args, { env: environment, timeout: 10_000 }, (error) =>
      resolve(error ?? 'sent'),
    );
  });
}
