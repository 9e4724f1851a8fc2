/** The manifests under deploy/kubernetes, as far as can be checked without a cluster. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { paths } from '@csvjobs/shared';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { environmentSchema, readConfig } from '../../packages/daemon/src/config.js';
import { ROLES } from '../../packages/daemon/src/daemon.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { openPlace } from '../support/place.js';
import { parseDockerfile } from './dockerfile.js';
import { type KubernetesObject, objectFaults } from './kubernetesObjects.js';

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, '../..');
const folder = join(repository, 'deploy/kubernetes');
const read = (name: string) => readFile(join(folder, name), 'utf8');
const objectsOf = async (name: string) =>
  parseAllDocuments(await read(name)).map((document) => document.toJS() as KubernetesObject);
const yamlIn = async (place: string) =>
  (await readdir(join(folder, place))).filter((name) => name.endsWith('.yaml')).toSorted();

const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
  version: string;
};
const kustomization = parse(await read('kustomization.yaml')) as {
  namespace: string;
  resources: string[];
  images: { name: string; newTag: string }[];
};
const resources = (await Promise.all(kustomization.resources.map(objectsOf))).flat();
/** Kinds of operators and charts, missing in a bare cluster. */
const foreign = ['pod-monitor.yaml', 'prometheus-adapter.yaml'];
const examples = (
  await Promise.all(
    (
      await yamlIn('examples')
    )
      .filter((name) => !foreign.includes(name))
      .map((name) => objectsOf(`examples/${name}`)),
  )
).flat();
const monitor = (await objectsOf('examples/pod-monitor.yaml'))[0]!;
const adapter = parse(await read('examples/prometheus-adapter.yaml')) as {
  rules: { external: { seriesQuery: string; name: { as: string }; metricsQuery: string }[] };
};

const one = (kind: string, name: string): KubernetesObject => {
  const found = [...resources, ...examples].filter(
    (each) => each.kind === kind && each.metadata.name === name,
  );
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0]!;
};
const workloads = resources.filter(({ kind }) => ['Deployment', 'Job'].includes(kind));
const deployments = workloads.filter(({ kind }) => kind === 'Deployment');
const config = one('ConfigMap', 'csvjobs').data as Record<string, string>;
const secret = one('Secret', 'csvjobs').stringData as Record<string, string>;

test('every object matches the Kubernetes schema, without unknown fields', async () => {
  expect(await objectFaults([...resources, ...examples])).toEqual([]);
  expect(workloads.map(({ metadata }) => metadata.name)).toEqual([
    `csvjobs-migrate-${version.replaceAll('.', '-')}`,
    'csvjobs-api',
    'csvjobs-worker',
  ]);
});

test('a misspelt field, a wrong type and a missing field are detected', LONG, async () => {
  const api = one('Deployment', 'csvjobs-api');
  const misspelt = structuredClone(api);
  misspelt.spec.template.spec.containers[0].readynessProbe = {};
  expect((await objectFaults([misspelt])).join()).toContain('readynessProbe');
  const wrong = structuredClone(api);
  wrong.spec.template.spec.terminationGracePeriodSeconds = '40s';
  expect((await objectFaults([wrong])).join()).toContain('terminationGracePeriodSeconds');
  const missing = structuredClone(api);
  delete missing.spec.selector;
  expect((await objectFaults([missing])).join()).toContain('selector');
});

test('the kustomization has all files but examples, and kubectl, if installed, builds the expected objects', async () => {
  expect([...kustomization.resources, 'kustomization.yaml'].toSorted()).toEqual(await yamlIn('.'));
  const made = await run('kubectl', ['kustomize', folder]).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!made) return;
  const built = parseAllDocuments(made.stdout).map((document) => document.toJS() as KubernetesObject);
  const named = (all: KubernetesObject[]) =>
    all.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();
  expect(named(built)).toEqual(named(resources));
  const [, image] = /image: (\S+)/.exec(made.stdout)!;
  for (const found of made.stdout.matchAll(/image: (\S+)/g)) expect(found[1]).toBe(image);
});

test('one image runs, of this version, set only in the kustomization', async () => {
  expect(kustomization.images.map(({ name, newTag }) => `${name}:${newTag}`)).toEqual([`csvjobs:${version}`]);
  for (const { spec } of workloads)
    for (const { image } of spec.template.spec.containers) expect(image).toBe('csvjobs');
  const compose = await readFile(join(repository, 'docker-compose.yml'), 'utf8');
  expect(compose).toContain(`image: csvjobs:${version}`);
});

test('the daemon knows every variable, and accepts the values', async () => {
  // Commented-out ones are options.
  const offered = [...(await read('config.yaml')).matchAll(/^ +# ([A-Z][A-Z0-9_]+): (.+)$/gm)];
  const names = [...Object.keys(config), ...Object.keys(secret), ...offered.map(([, name]) => name!)];
  for (const name of names) expect(Object.keys(environmentSchema.shape)).toContain(name);
  expect(readConfig({ ...config, ...secret })).toMatchObject({ API_PORT: 4000, API_HOST: '0.0.0.0' });
  for (const { spec } of workloads) {
    const sources = spec.template.spec.containers[0].envFrom as Record<
      string,
      { name: string; optional?: boolean }
    >[];
    const needed = sources
      .flatMap((source) => Object.entries(source))
      .filter(([, { optional }]) => !optional);
    expect(needed.map(([kind, { name }]) => `${kind} ${name}`)).toEqual([
      'configMapRef csvjobs',
      'secretRef csvjobs',
    ]);
    expect(spec.template.spec.containers[0].env).toBeUndefined();
  }
});

test('ports, selectors and hosts match their targets', () => {
  for (const { metadata, spec } of deployments) {
    const { ports } = spec.template.spec.containers[0];
    expect(ports).toEqual([{ name: 'http', containerPort: Number(config.API_PORT) }]);
    const labels = {
      'app.kubernetes.io/name': 'csvjobs',
      'app.kubernetes.io/component': metadata.name.replace('csvjobs-', ''),
    };
    expect([metadata.labels, spec.template.metadata.labels, spec.selector.matchLabels]).toEqual([
      labels,
      labels,
      labels,
    ]);
    expect(one('PodDisruptionBudget', metadata.name).spec.selector.matchLabels).toEqual(labels);
  }
  const service = one('Service', 'csvjobs-api');
  expect(service.spec.selector).toEqual(one('Deployment', 'csvjobs-api').spec.selector.matchLabels);
  expect(service.spec.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  const [rule] = one('Ingress', 'csvjobs-api').spec.rules;
  expect(rule.http.paths[0].backend.service).toEqual({ name: 'csvjobs-api', port: { name: 'http' } });
  expect(config.ALLOWED_HOSTS!.split(',')).toEqual(
    expect.arrayContaining([rule.host, service.metadata.name]),
  );
  expect(monitor.spec.podMetricsEndpoints[0]).toMatchObject({ port: 'http', path: paths.metrics });
  expect(monitor.spec.selector.matchExpressions[0].values).toEqual(['api', 'worker']);
  for (const { metadata } of examples) expect(metadata.namespace).toBe(kustomization.namespace);
  expect(one('Namespace', kustomization.namespace).metadata.name).toBe('csvjobs');
});

test('nothing runs as root, can gain rights, or writes outside its volumes', async () => {
  // The user of the image: `node`, whose ID in the official images is 1000 (Kubernetes needs a number).
  const stage = parseDockerfile(await readFile(join(repository, 'Dockerfile'), 'utf8')).at(-1)!;
  expect(JSON.stringify(stage)).toContain('node');
  for (const { spec } of workloads) {
    const { securityContext, containers, volumes, automountServiceAccountToken } = spec.template.spec;
    expect(securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(automountServiceAccountToken).toBe(false);
    for (const container of containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.requests).toEqual({ cpu: expect.anything(), memory: expect.any(String) });
      expect(container.resources.limits).toEqual({ memory: expect.any(String) });
      const mounts = (container.volumeMounts as { name: string; mountPath: string }[]).map(
        ({ name, mountPath }) => [name, mountPath],
      );
      expect(mounts.map(([name]) => name)).toEqual((volumes as { name: string }[]).map(({ name }) => name));
      const places = Object.fromEntries(mounts);
      expect(config.DATA_DIR!.startsWith(`${places.tmp}/`)).toBe(true);
      if (container.args[0] !== 'migrate') expect(places.uploads).toBe(config.UPLOAD_DIR);
    }
    const claims = (volumes as { persistentVolumeClaim?: { claimName: string } }[]).flatMap(
      ({ persistentVolumeClaim: claim }) => claim?.claimName ?? [],
    );
    for (const claim of claims)
      expect(one('PersistentVolumeClaim', claim).spec.accessModes).toEqual(['ReadWriteMany']);
  }
});

test('the grace period of a pod exceeds the shutdown time of the daemon', () => {
  for (const { spec } of deployments) {
    const { terminationGracePeriodSeconds, containers } = spec.template.spec;
    const [, pause = '0'] = containers[0].lifecycle?.preStop.exec.command ?? [];
    const needed = Number(pause) * 1_000 + Number(config.SHUTDOWN_TIMEOUT);
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(needed + 5_000);
  }
});

test('workers scale with the amount of work, by a metric of the adapter', () => {
  const { spec } = one('HorizontalPodAutoscaler', 'csvjobs-worker');
  const { kind, apiVersion, metadata, spec: target } = one('Deployment', 'csvjobs-worker');
  expect(spec.scaleTargetRef).toEqual({ apiVersion, kind, name: metadata.name });
  // A number here would override the autoscaler at each apply.
  expect(target.replicas).toBeUndefined();
  const [{ external }] = spec.metrics;
  expect(adapter.rules.external.map(({ name }) => name.as)).toEqual([external.metric.name]);
  expect(external.target).toEqual({ type: 'AverageValue', averageValue: config.WORKER_CONCURRENCY });
});

describe('with a real daemon', () => {
  test(
    'the migration, the API and the worker start with their arguments, answer their probes, and export the metric',
    LONG,
    async () => {
      const place = await openPlace();
      onTestFinished(() => place.close());
      // Addresses of this machine instead of those of a cluster.
      const { API_HOST: _, API_PORT: __, DATA_DIR: ___, UPLOAD_DIR: ____, ...given } = config;
      const environment = { ...given, API_TOKEN: secret.API_TOKEN! };
      const migrate = workloads.find(({ kind }) => kind === 'Job')!.spec.template.spec.containers[0]
        .args as string[];
      const program = join(repository, 'packages/daemon/dist/main.js');
      const { stdout } = await run(process.execPath, [program, ...migrate], {
        env: { ...environment, ...place.environment },
      });
      expect(stdout).toMatch(/migrat/);
      for (const { metadata, spec } of deployments) {
        const [container] = spec.template.spec.containers;
        expect(ROLES).toContain(container.args[1]);
        const daemon = await place.start(
          { ...environment, DATA_DIR: join(place.folder, metadata.name) },
          ...container.args,
        );
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
          const { path, port } = container[probe].httpGet as { path: string; port: string };
          expect([[paths.alive, paths.ready], port]).toEqual([expect.arrayContaining([path]), 'http']);
          expect((await fetch(daemon.url + path)).status, `${metadata.name} ${path}`).toBe(200);
        }
        const answer = await fetch(daemon.url + monitor.spec.podMetricsEndpoints[0].path, {
          headers: { Authorization: `Bearer ${secret.API_TOKEN}` },
        });
        const exported = await answer.text();
        for (const { seriesQuery, metricsQuery } of adapter.rules.external) {
          const [series] = /^\w+/.exec(seriesQuery)!;
          const [, statuses] = /status=~"([^"]+)"/.exec(metricsQuery)!;
          expect(metricsQuery).toContain(`(${series}{`);
          for (const status of statuses!.split('|'))
            expect(exported).toContain(`\n${series}{status="${status}"} 0\n`);
        }
      }
    },
  );
});
