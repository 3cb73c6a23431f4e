import type { ErrorKind } from '../../kernel/errors.js';
import { DomainError } from '../../kernel/errors.js';

/** What one user may have or do. 0 is no limit. */
export interface Quotas {
  /** Jobs that are not finished. */
  liveJobs: number;
  /** Jobs submitted in a minute; each one of a bulk counts. */
  submissionsPerMinute: number;
  /** Bytes of one job's payload, as JSON in UTF-8. */
  payloadBytes: number;
  /** Recipients of mails in a clock hour. */
  mailsPerHour: number;
  /** Recipients of mails in the present clock hour and the 23 before it. */
  mailsPerDay: number;
}
export type QuotaName = keyof Quotas;

export const quotaNames = [
  'liveJobs',
  'submissionsPerMinute',
  'payloadBytes',
  'mailsPerHour',
  'mailsPerDay',
] as const satisfies readonly QuotaName[];

/** The largest quota that can be set. */
export const maxQuota = 1_000_000_000;

/** What an admin has set for one user; null takes the configured default. */
export type QuotaOverrides = { [name in QuotaName]: number | null };

export const noOverrides: QuotaOverrides = {
  liveJobs: null,
  submissionsPerMinute: null,
  payloadBytes: null,
  mailsPerHour: null,
  mailsPerDay: null,
};

/** What holds for a user. */
export function effective(defaults: Readonly<Quotas>, overrides: QuotaOverrides): Quotas {
  const all = quotaNames.map((name) => [name, overrides[name] ?? defaults[name]] as const);
  return Object.fromEntries(all) as unknown as Quotas;
}

/** The overrides after a change: null takes a quota back to its default, absent leaves it. */
export function changedOverrides(before: QuotaOverrides, change: Partial<QuotaOverrides>): QuotaOverrides {
  const named = quotaNames.filter((name) => change[name] !== undefined);
  return { ...before, ...Object.fromEntries(named.map((name) => [name, change[name]])) };
}

/** A quota of a user, and how much of it is used. */
export interface QuotaUse {
  /** 0 is no limit. */
  allowed: number;
  /** Null where nothing adds up, as with the size of a payload. */
  used: number | null;
  /** Whether it is the configured one rather than one that an admin has set for this user. */
  isDefault: boolean;
}
export type QuotaUses = Record<QuotaName, QuotaUse>;

/** A refusal that says what is allowed and what is used. */
export const quotaReached = (
  kind: ErrorKind,
  code: string,
  message: string,
  facts: { quota: QuotaName; allowed: number; used: number; retryAfterSeconds?: number },
): DomainError => new DomainError(kind, code, message, facts);
