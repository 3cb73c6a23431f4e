import { Module } from '@nestjs/common';
import { IIdempotencyStore } from './interfaces/idempotency-store.js';
import { TypeormIdempotencyStore } from './repositories/typeorm-idempotency-store.js';
import { Idempotency } from './services/idempotency.js';
import { KeyRetention } from './services/key-retention.js';

@Module({
  providers: [Idempotency, KeyRetention, { provide: IIdempotencyStore, useClass: TypeormIdempotencyStore }],
  exports: [Idempotency, IIdempotencyStore],
})
export class IdempotencyModule {}
