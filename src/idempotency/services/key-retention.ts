import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Prunables, ageOf } from '../../kernel/retention.js';
import { IIdempotencyStore } from '../interfaces/idempotency-store.js';

/** Says how long answers to keyed submissions are kept. */
@Injectable()
export class KeyRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(IIdempotencyStore) store: IIdempotencyStore,
  ) {
    const ageMs = ageOf(retention.idempotencyKeysDays);
    if (ageMs === null) return;
    prunables.register({
      name: 'idempotency_keys',
      prune: async (_after, limit) => {
        const deleted = await store.prune(ageMs, limit);
        return { deleted, next: deleted === limit ? 'more' : null };
      },
    });
  }
}
