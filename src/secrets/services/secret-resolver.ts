import { Inject, Injectable, Logger } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import type { JsonObject } from '../../kernel/json.js';
import { Redactor } from '../domain/redaction/redactor.js';
import { UnusableSecret } from '../domain/secret.js';
import type { StoredSecret } from '../domain/secret.js';
import { namesOf, readReferences, replaceReferences } from '../domain/secret-reference.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretRepository } from '../interfaces/secret-repository.js';
import type { ISecretResolver, Resolved } from '../interfaces/secret-resolver.js';

const minuteMs = 60_000;

/** Opens secrets for one attempt, in the worker. */
@Injectable()
export class SecretResolver implements ISecretResolver {
  private readonly logger = new Logger(SecretResolver.name);

  constructor(
    @Inject(ISecretRepository) private readonly secrets: ISecretRepository,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
    @Inject(IClock) private readonly clock: IClock,
  ) {}

  async resolve(payload: JsonObject, userId: string): Promise<Resolved> {
    const { references, problems } = readReferences(payload);
    const [problem] = problems;
    if (problem)
      throw new UnusableSecret(
        `The payload has a malformed reference to a secret at ${problem.pointer}: ${problem.detail}`,
      );
    const names = namesOf(references);
    const stored = await this.secrets.findNamed(userId, names);
    const values = new Map(stored.map((secret) => [secret.name, this.open(secret)]));
    const missing = names.find((name) => !values.has(name));
    if (missing !== undefined)
      throw new UnusableSecret(`The payload refers to the secret "${missing}", which no longer exists.`);
    this.noteUse(stored);
    return {
      payload: replaceReferences(payload, (name) => values.get(name) ?? ''),
      redactor: new Redactor([...values.values()]),
    };
  }

  private open(secret: StoredSecret): string {
    try {
      return this.cipher.open(secret);
    } catch (error) {
      // Either a key is missing or the table was changed by hand. The operator must know of both.
      if (error instanceof UnusableSecret)
        this.logger.error(`Secret ${secret.id} of user ${secret.userId}: ${error.message}`);
      throw error;
    }
  }

  /** Runs in the background, and its errors are only logged: an attempt must not wait or fail because of `last_used_at`. */
  private noteUse(stored: readonly StoredSecret[]): void {
    const before = this.clock.now().getTime() - minuteMs;
    const stale = stored.filter(({ lastUsedAt }) => (lastUsedAt?.getTime() ?? 0) <= before);
    if (stale.length === 0) return;
    this.secrets
      .touch(stale.map(({ id }) => id))
      .catch((error: unknown) => this.logger.debug(`The last use of secrets could not be recorded: ${String(error)}`));
  }
}
