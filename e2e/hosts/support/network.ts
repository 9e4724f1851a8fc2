/**
 * A network of hosts: each host and this machine have a cable to one switch. Addresses are from 198.18.0.0/15, for network
 * tests (RFC 2544), in a part that depends on this process.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Host, startHost } from './host.js';

const run = promisify(execFile);
/** This machine's end of its cable; at most 15 characters. */
const OWN_CABLE = `cj${process.pid}`;
const PART = `198.${18 + ((process.pid >> 8) & 1)}.${process.pid & 255}`;

export interface NetworkHost extends Host {
  address: string;
  /** Unplugs the cable, or plugs it in again. */
  setCable(state: 'up' | 'down'): Promise<void>;
  /** Silently drops all traffic between this host and another one. */
  cutFrom(other: NetworkHost): Promise<void>;
  heal(other: NetworkHost): Promise<void>;
}

export interface Network {
  host(name: string): Promise<NetworkHost>;
  close(): Promise<void>;
}

/** @throws if this machine does not allow namespaces */
export async function openNetwork(): Promise<Network> {
  const hosts: Host[] = [];
  let last = 1;
  const centre = await startHost('switch');
  hosts.push(centre);
  try {
    await centre.run('ip', 'link', 'add', 'bridge', 'type', 'bridge');
    await centre.run('ip', 'link', 'set', 'bridge', 'up');
    await run('ip', [
      'link',
      'add',
      OWN_CABLE,
      'type',
      'veth',
      'peer',
      'name',
      'tests',
      'netns',
      String(centre.pid),
    ]);
    await plugIn('tests');
    await run('ip', ['address', 'add', `${PART}.1/24`, 'dev', OWN_CABLE]);
    await run('ip', ['link', 'set', OWN_CABLE, 'up']);
  } catch (error) {
    await centre.kill();
    throw error;
  }

  async function plugIn(port: string): Promise<void> {
    await centre.run('ip', 'link', 'set', port, 'master', 'bridge');
    await centre.run('ip', 'link', 'set', port, 'up');
  }

  return {
    async host(name) {
      const host = await startHost(name);
      hosts.push(host);
      const number = ++last;
      const address = `${PART}.${number}`;
      const port = `port${number}`;
      const peer = ['peer', 'name', 'eth0', 'netns', String(host.pid)];
      await run('nsenter', [
        `--target=${centre.pid}`,
        '--net',
        'ip',
        'link',
        'add',
        port,
        'type',
        'veth',
        ...peer,
      ]);
      await plugIn(port);
      await host.run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');
      await host.run('ip', 'link', 'set', 'eth0', 'up');
      return {
        ...host,
        address,
        setCable: async (state) => void (await centre.run('ip', 'link', 'set', port, state)),
        cutFrom: async (other) => {
          // To a MAC address that does not exist: the switch sends it everywhere, and no host accepts it.
          const nobody = ['lladdr', '02:00:00:00:00:99', 'nud', 'permanent', 'dev', 'eth0'];
          await host.run('ip', 'neighbour', 'replace', other.address, ...nobody);
          await other.run('ip', 'neighbour', 'replace', address, ...nobody);
        },
        heal: async (other) => {
          await host.run('ip', 'neighbour', 'delete', other.address, 'dev', 'eth0');
          await other.run('ip', 'neighbour', 'delete', address, 'dev', 'eth0');
        },
      };
    },
    async close() {
      // The cables disappear with their hosts, this machine's with the switch.
      await Promise.all(hosts.map((host) => host.kill()));
    },
  };
}

/** Why no network can be created here; undefined if one can. */
export async function networkLacks(): Promise<string | undefined> {
  try {
    await (await openNetwork()).close();
    return undefined;
  } catch (error) {
    return (error as Error).message.trim().split('\n')[0];
  }
}
