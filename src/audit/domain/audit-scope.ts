import type { Actor, Target } from './audit-event.js';

/** What the audit log needs to know of a request while it is served. */
export interface CheckScope {
  /** As its route declares it. */
  action: string;
  actor: Actor;
  address: string | null;
  requestId: string | null;
  /** What the request is about, as far as it is known should it be refused. */
  target: Target | null;
  /** Whether a use case has written the request's entry. */
  isRecorded: boolean;
}
