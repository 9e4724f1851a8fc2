/** A CA and its certificates, created with the openssl program in a separate folder. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  /** Paths of PEM files. */
  cert: string;
  key: string;
  certPem: string;
  keyPem: string;
}

export interface Certificates {
  folder: string;
  ca: Certificate;
  /** Another CA, which has signed nothing. */
  otherCa: Certificate;
  /** For localhost and 127.0.0.1. */
  server: Certificate;
  /** Only for db.invalid. */
  elsewhere: Certificate;
  selfSigned: Certificate;
  /** For the role postgres. */
  client: Certificate;
  /** The same, signed by the other CA. */
  foreignClient: Certificate;
  /** The key of `client`, encrypted; the password is `planted-key-password`. */
  encryptedKey: string;
}

export const KEY_PASSWORD = 'planted-key-password';

let made: Promise<Certificates> | undefined;

/** Once per process; takes half a second. */
export function makeCertificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-certificates-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const loaded = async (name: string): Promise<Certificate> => {
    const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    return { cert, key, certPem: await readFile(cert, 'utf8'), keyPem: await readFile(key, 'utf8') };
  };
  const selfSigned = async (name: string, subject: string, ...more: string[]) => {
    await openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.crt`, ...more],
    );
    return loaded(name);
  };
  const signed = async (name: string, subject: string, by: string, names?: string) => {
    await openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.csr`],
    );
    await writeFile(join(folder, `${name}.ext`), names === undefined ? '' : `subjectAltName=${names}\n`);
    await openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial'],
      ...['-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.crt`],
    );
    return loaded(name);
  };
  const ca = await selfSigned('ca', 'csvjobs test authority');
  const otherCa = await selfSigned('other-ca', 'another authority');
  const server = await signed('server', 'localhost', 'ca', 'DNS:localhost,IP:127.0.0.1');
  const elsewhere = await signed('elsewhere', 'db.invalid', 'ca', 'DNS:db.invalid');
  const client = await signed('client', 'postgres', 'ca');
  const foreignClient = await signed('foreign-client', 'postgres', 'other-ca');
  const encryptedKey = join(folder, 'client.encrypted.key');
  await openssl(
    'ec',
    '-in',
    'client.key',
    '-aes256',
    '-passout',
    `pass:${KEY_PASSWORD}`,
    '-out',
    encryptedKey,
  );
  return {
    ...{ folder, ca, otherCa, server, elsewhere, client, foreignClient, encryptedKey },
    selfSigned: await selfSigned('self-signed', 'localhost', '-addext', 'subjectAltName=DNS:localhost'),
  };
}
