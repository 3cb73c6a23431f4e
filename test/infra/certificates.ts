import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTask } from '../../scripts/local/processes.mjs';

/** A certificate and its key, as paths. */
export interface Pair {
  cert: string;
  key: string;
}

/** An authority of one's own, as companies have, and what it has signed. */
export class Authority {
  private constructor(
    private readonly folder: string,
    readonly ca: string,
  ) {}

  static async make(folder: string, name: string): Promise<Authority> {
    mkdirSync(folder, { recursive: true });
    const [ca, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
    await openssl(['req', '-x509', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', ca, ...ecKey]);
    return new Authority(folder, ca);
  }

  /** @param names such as `DNS:db.example.com,IP:127.0.0.1` */
  async sign(subject: string, names: string): Promise<Pair> {
    const path = (kind: string): string => join(this.folder, `${subject}.${kind}`);
    const [cert, key, request] = [path('crt'), path('key'), path('csr')];
    writeFileSync(path('ext'), `subjectAltName=${names}\n`);
    await openssl(['req', '-subj', `/CN=${subject}`, '-keyout', key, '-out', request, ...ecKey]);
    const by = ['-CA', this.ca, '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial'];
    await openssl(['x509', '-req', '-days', '2', '-in', request, '-out', cert, '-extfile', path('ext'), ...by]);
    return { cert, key };
  }
}

/** What the file holds, as a setting in one line. */
export const inOneLine = (path: string): string =>
  readFileSync(path, 'utf8')
    .trim()
    .replaceAll('\n', String.raw`\n`);

const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

async function openssl(args: string[]): Promise<void> {
  const { ok, output } = await runTask(['openssl', ...args]);
  if (!ok) throw new Error(`openssl ${args[0]}: ${output}`);
}
