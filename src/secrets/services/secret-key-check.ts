import { Inject, Injectable } from '@nestjs/common';
import { UnusableSecret, WrongSecretKeys } from '../domain/secret.js';
import type { Sealed, StoredSecret } from '../domain/secret.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretKeyMarks } from '../interfaces/secret-key-marks.js';

/** Secrets that are tried where a version has no mark yet: some may have been written to in the database. */
const tried = 20;

/**
 * Whether the keys of this process are those of the installation. With another one under a known version, what is stored could not be opened, and
 * what is stored from now on by nobody else.
 */
@Injectable()
export class SecretKeyCheck {
  constructor(
    @Inject(ISecretKeyMarks) private readonly marks: ISecretKeyMarks,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
  ) {}

  /**
   * Marks versions that were never seen, so that the next process is held to the same keys. An installation from before there were marks gets them
   * when a secret opens.
   *
   * @throws WrongSecretKeys that names each version whose key is another, and what to do
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

  /** Also true when it has sealed nothing. */
  private async opensWhatItSealed(version: number): Promise<boolean> {
    const secrets = await this.marks.sealedUnder(version, tried);
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
  `Put the key of version ${version} back. A new key needs a version that was never used, such as "${unused}:<key>"; ` +
  `what a lost key has sealed cannot be opened, and its owners store it anew.`;
