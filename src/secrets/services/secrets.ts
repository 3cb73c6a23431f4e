import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { conflict } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountGone } from '../../users/domain/user.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { checkValue, secretNotFound } from '../domain/secret.js';
import type { Secret } from '../domain/secret.js';
import { ISecretCipher } from '../interfaces/secret-cipher.js';
import { ISecretRepository } from '../interfaces/secret-repository.js';

/** The use cases of owners. No method returns a value. */
@Injectable()
export class Secrets {
  private readonly maxSecrets: number;

  constructor(
    @Inject(ISecretRepository) private readonly secrets: ISecretRepository,
    @Inject(ISecretCipher) private readonly cipher: ISecretCipher,
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) config: Config,
  ) {
    this.maxSecrets = config.secrets.perUser;
  }

  /** @throws invalid when the value is too short or too long; conflict `SECRET_EXISTS`, `TOO_MANY_SECRETS`, `SECRETS_NOT_CONFIGURED` */
  async create(userId: string, name: string, value: string): Promise<Secret> {
    checkValue(value);
    const binding = { id: newId(), userId, name };
    const sealed = this.cipher.seal(value, binding);
    const now = this.clock.now();
    const secret: Secret = {
      ...binding,
      keyVersion: sealed.keyVersion,
      createdAt: now,
      updatedAt: now,
      lastUsedAt: null,
    };
    await this.transactions.run(async (tx) => {
      // The lock on the user's row makes two concurrent calls count one after the other.
      if (!(await this.users.lock(tx, userId))) throw accountGone();
      if ((await this.secrets.count(tx, userId)) >= this.maxSecrets)
        throw conflict('TOO_MANY_SECRETS', `You have ${this.maxSecrets} secrets, the maximum; delete one first.`);
      await this.secrets.insert(tx, { ...secret, ...sealed });
      await this.trail.record(tx, { target: targetOf(secret), after: secret });
    });
    return secret;
  }

  /** Attempts that start from now on get the new value. @throws as `create`; `not_found`, also for another user's secret */
  async replace(userId: string, name: string, value: string): Promise<Secret> {
    checkValue(value);
    const [held] = await this.secrets.findNamed(userId, [name]);
    if (!held) throw secretNotFound();
    const { nonce: _nonce, ciphertext: _ciphertext, ...before } = held;
    const sealed = this.cipher.seal(value, held);
    return this.transactions.run(async (tx) => {
      const after = await this.secrets.replace(tx, held.id, sealed);
      if (!after) throw secretNotFound();
      await this.trail.record(tx, { target: targetOf(after), before, after });
      return after;
    });
  }

  /** Ordered by name. */
  list(userId: string): Promise<Secret[]> {
    return this.secrets.list(userId);
  }

  /** @throws `not_found`, also for another user's secret */
  async delete(userId: string, name: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const before = await this.secrets.delete(tx, userId, name);
      if (!before) throw secretNotFound();
      await this.trail.record(tx, { target: targetOf(before), before });
    });
  }
}

/** The audit log identifies a secret by its name, as routes and payloads do. */
const targetOf = ({ name }: Secret) => ({ kind: 'secret', id: name });
