import { Inject, Injectable } from '@nestjs/common';
import { UnusableSecret, WrongSecretKeys } from '../domain/secret.js';
import type { Sealed, StoredSecret } from '../domain/secret.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretKeyMarks } from '../interfaces/secret-key-marks.js';

/** Secrets to try when a version has no mark yet. One secret is not enough: its row may have been changed in the database. */
const maxSecretsTried = 20;

/**
 * Checks that this process has the same keys as the rest of the installation. With a different key under a known version, this process
 * could not open the stored secrets, and no other process could open the secrets that this process seals.
 */
@Injectable()
export class SecretKeyCheck {
  constructor(
    @Inject(ISecretKeyMarks) private readonly marks: ISecretKeyMarks,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
  ) {}

  /**
   * Stores a mark for each new version; every later process must have the key that made it. For secrets that were stored before marks
   * existed, the version gets its mark when one of them can be opened.
   *
   * @throws WrongSecretKeys that names each version with a different key, and the remedy
   */
  async check(): Promise<void> {
    if (this.cipher.versions.length === 0) return;
    const known = versionsOf(await this.marks.all());
    const wrong = new Set<number>();
    for (const version of this.cipher.versions)
      if (!known.has(version)) {
        if (await this.opensWhatItSealed(version)) await this.marks.add(this.cipher.mark(version));
        else wrong.add(version);
      }
    const marks = await this.marks.all();
    for (const mark of marks)
      if (this.cipher.versions.includes(mark.keyVersion) && !this.cipher.recognises(mark)) wrong.add(mark.keyVersion);
    if (wrong.size === 0) return;
    const unused = Math.max(...this.cipher.versions, ...marks.map(({ keyVersion }) => keyVersion)) + 1;
    throw new WrongSecretKeys([...wrong].map((version) => anotherKey(version, unused)));
  }

  /** Also true when the version has sealed no secret. */
  private async opensWhatItSealed(version: number): Promise<boolean> {
    const secrets = await this.marks.sealedUnder(version, maxSecretsTried);
    return secrets.length === 0 || secrets.some((secret) => this.opens(secret));
  }

  private opens(secret: StoredSecret): boolean {
    try {
      this.cipher.open(secret);
      return true;
    } catch (error) {
      if (error instanceof UnusableSecret) return false;
      throw error;
    }
  }
}

const versionsOf = (marks: readonly Sealed[]): ReadonlySet<number> =>
  new Set(marks.map(({ keyVersion }) => keyVersion));

const anotherKey = (version: number, unused: number): string =>
  `SECRETS_KEYS has another key as version ${version} than the one that this database knows by it. ` +
  `Put the key of version ${version} back. A new key needs a version that was never used, such as "${unused}:<key>". ` +
  `Secrets that a lost key has sealed cannot be opened; their owners store them again.`;
