import { Inject, Injectable } from '@nestjs/common';
import { UnusableSecret, notConfigured } from '../domain/secret.js';
import type { StoredSecret } from '../domain/secret.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretRotation } from '../interfaces/secret-rotation.js';
import type { Resealed } from '../interfaces/secret-rotation.js';

const batchSize = 200;

export interface Rotation {
  /** Version of the current key. */
  version: number;
  /** Number of secrets sealed again with the current key. */
  resealed: number;
  /** Number of secrets that their owners replaced or deleted at the same time. */
  changedMeanwhile: number;
  /** One line for each secret that could not be opened and stays unchanged. It names the secret and the key version, never a value. */
  unreadable: string[];
  /** Number of secrets sealed with each key version afterwards. */
  byVersion: Map<number, number>;
}

/** Seals the secrets of all users with the current key, in batches, while the system runs. A second rotation changes nothing. */
@Injectable()
export class SecretRotator {
  constructor(
    @Inject(ISecretRotation) private readonly secrets: ISecretRotation,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
  ) {}

  /** @param progress called after each batch: `done` secrets read so far, of `total` at the start */
  async rotate(progress: (done: number, total: number) => void): Promise<Rotation> {
    const version = this.cipher.currentVersion;
    if (version === null) throw notConfigured();
    const before = await this.secrets.countByVersion();
    const total = [...before].reduce((sum, [other, count]) => (other === version ? sum : sum + count), 0);
    const rotation = { version, resealed: 0, changedMeanwhile: 0, unreadable: [] as string[] };
    let [done, last] = [0, null as string | null];
    for (;;) {
      const batch = await this.secrets.sealedOtherwise(version, last, batchSize);
      if (batch.length === 0) return { ...rotation, byVersion: await this.secrets.countByVersion() };
      const pairs = batch.flatMap((read) => this.sealAnew(read, rotation.unreadable));
      const written = await this.secrets.reseal(pairs);
      rotation.resealed += written;
      rotation.changedMeanwhile += pairs.length - written;
      last = batch.at(-1)?.id ?? null;
      done += batch.length;
      progress(done, total);
    }
  }

  private sealAnew(read: StoredSecret, unreadable: string[]): Resealed[] {
    try {
      return [{ read, sealed: this.cipher.seal(this.cipher.open(read), read) }];
    } catch (error) {
      if (!(error instanceof UnusableSecret)) throw error;
      unreadable.push(`${read.id} of user ${read.userId}: ${error.message}`);
      return [];
    }
  }
}

/** The outcome of a rotation, as text for the operator. */
export function report({ version, resealed, changedMeanwhile, unreadable, byVersion }: Rotation): string {
  const versions = [...byVersion].map(([key, count]) => `${count} under version ${key}`);
  return [
    `${resealed} sealed anew under key version ${version}; ${changedMeanwhile} changed by their owners meanwhile; ${unreadable.length} could not be opened.`,
    ...unreadable.map((one) => `  - ${one}`),
    `Now: ${versions.length === 0 ? 'no secrets' : versions.join(', ')}.`,
    isDone(byVersion, version)
      ? `No secret needs another key: SECRETS_KEYS may be version ${version} alone.`
      : 'Keep the older keys in SECRETS_KEYS, and run this again.',
  ].join('\n');
}

/** Whether every secret is sealed with the current key, so that older keys may be removed. */
export const isDone = (byVersion: Rotation['byVersion'], version: number): boolean =>
  [...byVersion.keys()].every((other) => other === version);
