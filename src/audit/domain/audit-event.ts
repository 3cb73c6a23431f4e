/** What proved who somebody was. */
export const credentials = ['session', 'api_key', 'none'] as const;
export type Credential = (typeof credentials)[number];

export const auditOutcomes = ['success', 'refused'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** Who did it. An id may be of somebody who has been deleted since. */
export interface Actor {
  userId: string | null;
  credential: Credential;
  /** Id of the session or the API key. */
  credentialId: string | null;
}

export const nobody: Actor = { userId: null, credential: 'none', credentialId: null };

/** What it was done to: a kind such as `job`, and which one; a refused request's is its `route`. */
export interface Target {
  kind: string;
  id: string | null;
}

/** One thing that was done, or refused. */
export interface AuditEntry extends Actor {
  /** A stable word such as `job.created`. */
  action: string;
  outcome: AuditOutcome;
  /** Code of the problem that a refusal was answered with. */
  reason: string | null;
  target: Target | null;
  /** {@link digestOf} what it was before; null where there was nothing, or where that is not known. */
  before: string | null;
  /** {@link digestOf} what it is now. */
  after: string | null;
  /** Of the client, as trusted proxies tell it; null outside of a request. */
  address: string | null;
  requestId: string | null;
  /** How many it stands for: jobs of a bulk submission, or equal refusals that were folded into one. */
  count: number;
}

/** An entry that has been written. */
export interface AuditEvent extends AuditEntry {
  id: string;
  /** By the database's clock, in whole ms. */
  at: Date;
}

/** Which events a list shows. */
export interface AuditFilter {
  userId?: string;
  action?: string;
  targetKind?: string;
  targetId?: string;
  outcome?: AuditOutcome;
  /** At or after. */
  from?: Date;
  /** Before. */
  to?: Date;
}
