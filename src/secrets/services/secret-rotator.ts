import { Inject, Injectable } from '@nestjs/common';
import { UnusableSecret, notConfigured } from '../domain/secret.js';
import type { StoredSecret } from '../domain/secret.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretRotation } from '../interfaces/secret-rotation.js';
import type { Resealed } from '../interfaces/secret-rotation.js';

const batchSize = 200;

export interface Rotation {
  /** Of the key that seals now. */
  version: number;
  /** Sealed anew under it. */
  resealed: number;
  /** Whose owner replaced or deleted them at the same moment. */
  changedMeanwhile: number;
  /** What could not be opened, and stays as it was. Names secrets and keys, never a value. */
  unreadable: string[];
  /** How many secrets each key version seals afterwards. */
  byVersion: Map<number, number>;
}

/** Seals everybody's secrets under the current key, batch by batch, while the system runs. Doing it again changes nothing. */
@Injectable()
export class SecretRotator {
  constructor(
    @Inject(ISecretRotation) private readonly secrets: ISecretRotation,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
  ) {}

  /** @param progress told after each batch how many have been looked at, of how many at the start */
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

/** What a rotation did, as lines for a person. */
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

/** Whether no other key is needed any more. */
export const isDone = (byVersion: Rotation['byVersion'], version: number): boolean =>
  [...byVersion.keys()].every((other) => other === version);
