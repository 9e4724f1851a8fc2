/**
 * OpenStack Swift with its S3 API, from Debian's packages: a real store on this machine, without a network. It writes only into
 * its own folder, and ends with the test.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

export const PACKAGES = 'swift-proxy swift-account swift-container swift-object';

/** The message of a suite skipped without Swift. */
export const NO_SWIFT = `NOT TESTED: OpenStack Swift is not installed (apt-get install --no-install-recommends ${PACKAGES})`;

const SERVERS = ['object', 'container', 'account', 'proxy'] as const;
type Server = (typeof SERVERS)[number];

export const hasSwift = SERVERS.every((server) => existsSync(`/usr/bin/swift-${server}-server`));

export interface Swift {
  url: string;
  close(): Promise<void>;
}

/** A user of tempauth, by its names in S3. */
export const SWIFT_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'test:tester',
  AWS_SECRET_ACCESS_KEY: 'testing',
  // As the daemon sets it.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

export async function startSwift(): Promise<Swift> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-swift-'));
  const ports = Object.fromEntries(
    await Promise.all(SERVERS.map(async (server) => [server, await freePort()] as const)),
  ) as Record<Server, number>;
  await mkdir(join(folder, 'devices', 'd1'), { recursive: true });
  await writeFile(join(folder, 'swift.conf'), SWIFT_CONF);
  for (const server of SERVERS)
    await writeFile(join(folder, `${server}-server.conf`), configuration(server, folder, ports[server]));
  buildRings(folder, ports);
  const processes = SERVERS.map((server) => startServer(folder, server));
  const url = `http://127.0.0.1:${ports.proxy}`;
  const kill = () => {
    for (const server of processes) server.kill('SIGKILL');
  };
  // Also if the suite ends before its hooks.
  process.once('exit', kill);
  const close = async () => {
    process.off('exit', kill);
    kill();
    await Promise.all(
      processes.map(
        (server) => server.exitCode === null && server.signalCode === null && once(server, 'exit'),
      ),
    );
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await vi.waitFor(
      async () => {
        const ended = processes.findIndex(({ exitCode }) => exitCode !== null);
        if (ended !== -1) throw new Error(`the ${SERVERS[ended]} server has ended`);
        if ((await fetch(`${url}/healthcheck`)).status !== 200) throw new Error('the proxy is not well');
      },
      { timeout: 300_000, interval: 100 },
    );
  } catch (error) {
    const logs = await Promise.all(
      SERVERS.map((server) => readFile(join(folder, `${server}.log`), 'utf8').catch(() => '')),
    );
    await close();
    throw new Error(`Swift does not start: ${(error as Error).message}\n${logs.join('\n')}`);
  }
  return { url, close };
}

function startServer(folder: string, server: Server): ChildProcess {
  const command = `exec /usr/bin/swift-${server}-server ${server}-server.conf -v >${server}.log 2>&1`;
  return spawn('sh', ['-c', command], { cwd: folder, stdio: 'ignore' });
}

/** One process for all three: each would first load all of Swift. */
function buildRings(folder: string, ports: Record<Server, number>): void {
  const program = `
import json, sys
from swift.common.ring import RingBuilder
for server, port in json.loads(sys.argv[1]).items():
    ring = RingBuilder(4, 1, 0)
    ring.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port, 'device': 'd1', 'weight': 1, 'replication_ip': '127.0.0.1', 'replication_port': port})
    ring.rebalance()
    ring.get_ring().save(server + '.ring.gz')
`;
  const { proxy: _, ...rings } = ports;
  execFileSync('/usr/bin/python3', ['-c', program, JSON.stringify(rings)], { cwd: folder, stdio: 'pipe' });
}

const SWIFT_CONF = `[swift-hash]
swift_hash_path_suffix = csvjobs
swift_hash_path_prefix = csvjobs

[storage-policy:0]
name = default
default = yes
`;

function configuration(server: Server, folder: string, port: number): string {
  const common = `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${join(folder, 'devices')}
mount_check = false
workers = 0
log_level = ERROR
log_address = ${join(folder, 'nolog')}
fallocate_reserve = 0
`;
  if (server !== 'proxy')
    return `${common}
[pipeline:main]
pipeline = ${server}-server

[app:${server}-server]
use = egg:swift#${server}
`;
  return `${common}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
recoverable_node_timeout = 60
node_timeout = 60

[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin

[filter:s3api]
use = egg:swift#s3api
location = us-east-1
max_upload_part_num = 10000

[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000

# tempauth asks for a cache, and does without what is in it: nobody listens there.
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
error_suppression_limit = 0

[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:copy]
use = egg:swift#copy
[filter:dlo]
use = egg:swift#dlo
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
