import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { DomainError } from '../../kernel/errors.js';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import { QuotasService } from './quotas.service.js';

/** What one job is to be given, and where it stands in the request's body. */
interface SentPayload {
  pointer: string;
  payload: JsonObject | null | undefined;
}

/** How large the payload of one job may be. */
@Injectable()
export class PayloadQuotaService {
  constructor(private readonly quotas: QuotasService) {}

  /** @throws too_large `PAYLOAD_QUOTA_EXCEEDED`, naming each that is too large */
  check(userId: string, payloads: SentPayload[]): MaybePromise<void> {
    const quotas = this.quotas.known(userId) ?? this.quotas.of(userId);
    return andThen(quotas, ({ payloadBytes }) => refuseLarge(payloads, payloadBytes));
  }
}

function refuseLarge(payloads: SentPayload[], allowed: number): void {
  if (allowed === 0) return;
  const sized = payloads.map(({ pointer, payload }) => ({ pointer, used: payload ? bytesOf(payload) : 0 }));
  const faults = sized.filter(({ used }) => used > allowed);
  if (faults.length === 0) return;
  const errors = faults.map(({ pointer, used }) => ({
    pointer,
    detail: `The payload has ${used} bytes as JSON; you may send ${allowed}.`,
  }));
  const used = Math.max(...faults.map((fault) => fault.used));
  const facts = { quota: 'payloadBytes', allowed, used, errors };
  throw new DomainError('too_large', 'PAYLOAD_QUOTA_EXCEEDED', errors[0]?.detail ?? '', facts);
}

const bytesOf = (payload: JsonObject): number => Buffer.byteLength(JSON.stringify(payload));
