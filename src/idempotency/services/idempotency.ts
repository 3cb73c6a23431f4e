import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '../../kernel/errors.js';
import type { JsonValue } from '../../kernel/json.js';
import type { Transaction } from '../../kernel/transaction.js';
import { IIdempotencyStore } from '../interfaces/idempotency-store.js';
import type { KeyedRequest } from '../interfaces/idempotency-store.js';

/** What came of a submission, and whether it had been answered before. */
export interface Answered<T> {
  answer: T;
  replayed: boolean;
}

@Injectable()
export class Idempotency {
  constructor(@Inject(IIdempotencyStore) private readonly store: IIdempotencyStore) {}

  /**
   * Does `work` once for each key, in the caller's transaction: the answer is stored with what it created.
   * A replayed answer went through JSON: its times are text.
   *
   * @param request null does the work without a key
   * @throws DomainError `impossible` (422) when the key came with another body before
   */
  async once<T>(tx: Transaction, request: KeyedRequest | null, work: () => Promise<T>): Promise<Answered<T>> {
    if (!request) return { answer: await work(), replayed: false };
    const earlier = await this.store.take(tx, request);
    if (!earlier) {
      const answer = await work();
      await this.store.keep(tx, request, answer as JsonValue);
      return { answer, replayed: false };
    }
    if (earlier.fingerprint === request.fingerprint) return { answer: earlier.answer as T, replayed: true };
    throw new DomainError(
      'impossible',
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key came with another body before; use a new key for a new submission.',
    );
  }
}
