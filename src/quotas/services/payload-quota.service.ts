import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { DomainError } from '../../kernel/errors.js';
import { QuotasService } from './quotas.service.js';

/** How large the payload of one job may be. */
@Injectable()
export class PayloadQuotaService {
  constructor(private readonly quotas: QuotasService) {}

  /**
   * @param payloads with where each stands in the request's body
   * @throws too_large `PAYLOAD_QUOTA_EXCEEDED`, naming each that is too large
   */
  async check(userId: string, payloads: { pointer: string; payload: JsonObject | null | undefined }[]): Promise<void> {
    const { payloadBytes: allowed } = this.quotas.known(userId) ?? (await this.quotas.of(userId));
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
}

const bytesOf = (payload: JsonObject): number => Buffer.byteLength(JSON.stringify(payload));
