import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { UnusableSecret, notConfigured } from '../domain/secret.js';
import type { Binding, Sealed } from '../domain/secret.js';
import type { ISecretCipher } from '../interfaces/secret-cipher.js';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const options = { authTagLength: tagBytes };

/** AES-256-GCM with the keys of `SECRETS_KEYS`: the first key seals; every key opens the values that it sealed. */
@Injectable()
export class AesSecretCipher implements ISecretCipher {
  readonly currentVersion: number | null;
  readonly versions: readonly number[];
  private readonly keys: ReadonlyMap<number, Buffer>;

  constructor(@Inject(Config) { secrets }: Pick<Config, 'secrets'>) {
    this.keys = new Map(secrets.keys.map(({ version, key }) => [version, Buffer.from(key, 'base64')]));
    this.versions = [...this.keys.keys()];
    this.currentVersion = secrets.keys[0]?.version ?? null;
  }

  seal(value: string, binding: Binding): Sealed {
    if (this.currentVersion === null) throw notConfigured();
    return this.sealUnder(this.currentVersion, value, boundTo(binding));
  }

  open(secret: Sealed & Binding): string {
    const { keyVersion, name } = secret;
    if (!this.keys.has(keyVersion))
      throw new UnusableSecret(
        `The secret "${name}" is sealed under key version ${keyVersion}, which this worker does not have. The operator adds that key to SECRETS_KEYS, or the owner stores the secret again.`,
      );
    const value = this.opened(secret, boundTo(secret));
    if (value !== undefined) return value;
    throw new UnusableSecret(
      `The secret "${name}" cannot be opened: key version ${keyVersion} in SECRETS_KEYS is not the key that sealed it, or its row was changed in the database. The operator restores the key, or the owner stores the secret again.`,
    );
  }

  mark(version: number): Sealed {
    return this.sealUnder(version, '', markOf(version));
  }

  recognises(mark: Sealed): boolean {
    return this.opened(mark, markOf(mark.keyVersion)) === '';
  }

  private sealUnder(keyVersion: number, value: string, authenticated: Buffer): Sealed {
    const key = this.keys.get(keyVersion);
    if (!key) throw notConfigured();
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce, options).setAAD(authenticated);
    const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { keyVersion, nonce, ciphertext };
  }

  /** Undefined when this process lacks the key, or another key sealed the value. */
  private opened({ keyVersion, nonce, ciphertext }: Sealed, authenticated: Buffer): string | undefined {
    const key = this.keys.get(keyVersion);
    if (!key) return undefined;
    try {
      const decipher = createDecipheriv(algorithm, key, nonce, options).setAAD(authenticated);
      decipher.setAuthTag(ciphertext.subarray(-tagBytes));
      return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagBytes)), decipher.final()]).toString();
    } catch {
      return undefined;
    }
  }
}

/** Additional authenticated data. Encoded as a JSON list, so that two different bindings never give the same bytes. */
const boundTo = ({ id, userId, name }: Binding): Buffer =>
  Buffer.from(JSON.stringify(['punctual.secret', 1, id, userId, name]));
const markOf = (version: number): Buffer => Buffer.from(JSON.stringify(['punctual.secret-key', 1, version]));
