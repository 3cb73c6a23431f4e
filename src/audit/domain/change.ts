import type { AuditEntry, Target } from './audit-event.js';
import type { CheckScope } from './audit-scope.js';
import { digestOf } from './digest.js';

/** What a use case did for the request that is being served. */
export interface Change {
  target: Target;
  /** What the target was, and is; their digests are kept, without what is secret in them. Absent where there is nothing. */
  before?: unknown;
  after?: unknown;
  /** How many things it stands for; 1 unless given. */
  count?: number;
  /** Who it turned out to be, where the request itself did not say. */
  userId?: string;
}

/** The entry of a change that was made. */
export function entryOf(
  { action, actor, address, requestId }: Pick<CheckScope, 'action' | 'actor' | 'address' | 'requestId'>,
  { target, before, after, count = 1, userId = actor.userId ?? undefined }: Change,
): AuditEntry {
  return {
    userId: userId ?? null,
    credential: actor.credential,
    credentialId: actor.credentialId,
    action,
    outcome: 'success',
    reason: null,
    target,
    before: digest(before),
    after: digest(after),
    address,
    requestId,
    count,
  };
}

const digest = (value: unknown): string | null => (value === undefined || value === null ? null : digestOf(value));
