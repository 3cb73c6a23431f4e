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

/** AES-256-GCM under the configured keys: the first seals, each of them opens what it has sealed. */
@Injectable()
export class AesSecretCipher implements ISecretCipher {
  readonly currentVersion: number | null;
  private readonly keys: ReadonlyMap<number, Buffer>;

  constructor(@Inject(Config) { secrets }: Pick<Config, 'secrets'>) {
    this.keys = new Map(secrets.keys.map(({ version, key }) => [version, Buffer.from(key, 'base64')]));
    this.currentVersion = secrets.keys[0]?.version ?? null;
  }

  seal(value: string, binding: Binding): Sealed {
    const keyVersion = this.currentVersion;
    const key = keyVersion === null ? undefined : this.keys.get(keyVersion);
    if (keyVersion === null || !key) throw notConfigured();
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce, options).setAAD(boundTo(binding));
    const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return { keyVersion, nonce, ciphertext };
  }

  open(secret: Sealed & Binding): string {
    const { keyVersion, nonce, ciphertext, name } = secret;
    const key = this.keys.get(keyVersion);
    if (!key)
      throw new UnusableSecret(
        `The secret "${name}" is sealed under key version ${keyVersion}, which this worker does not have: the operator adds it to SECRETS_KEYS, or its owner stores the secret anew.`,
      );
    try {
      const decipher = createDecipheriv(algorithm, key, nonce, options).setAAD(boundTo(secret));
      decipher.setAuthTag(ciphertext.subarray(-tagBytes));
      return Buffer.concat([decipher.update(ciphertext.subarray(0, -tagBytes)), decipher.final()]).toString();
    } catch {
      throw new UnusableSecret(
        `The secret "${name}" cannot be opened: key version ${keyVersion} in SECRETS_KEYS is not the one that sealed it, or its row was changed in the database. The operator restores the key, or its owner stores the secret anew.`,
      );
    }
  }
}

/** Additional authenticated data. A list in JSON, so that no two bindings are written alike. */
const boundTo = ({ id, userId, name }: Binding): Buffer =>
  Buffer.from(JSON.stringify(['punctual.secret', 1, id, userId, name]));
