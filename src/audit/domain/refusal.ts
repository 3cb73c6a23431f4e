import type { Actor, AuditEntry, Target } from './audit-event.js';

/** A request that was answered with a problem. */
export interface RefusedRequest {
  actor: Actor;
  address: string | null;
  requestId: string;
  /** Method and path with its parameters' names, such as `GET /jobs/:id`. */
  route: string;
  /** What it turned out to be about. */
  target: Target | null;
  /** The word for refusals of this route, where it has one of its own: it proves or makes an identity. */
  refused: string | null;
  /** Whether it showed a token or a key. */
  hasCredential: boolean;
  status: number;
  code: string;
}

const unauthorised = 401;
const forbidden = 403;
const tooMany = 429;
const forAdmins = /^[A-Z]+ \/admin\//;

/**
 * The entry of a refusal that an operator should hear of; undefined for every other. A token that has merely expired is
 * none: that is the life of tokens.
 */
export function refusalOf(request: RefusedRequest): AuditEntry | undefined {
  const action = actionOf(request);
  if (action === undefined) return undefined;
  const { actor, address, requestId, route, target, code } = request;
  return {
    ...actor,
    action,
    outcome: 'refused',
    reason: code,
    target: target ?? { kind: 'route', id: route },
    before: null,
    after: null,
    address,
    requestId,
    count: 1,
  };
}

function actionOf({ refused, status, code, hasCredential, route }: RefusedRequest): string | undefined {
  if (refused !== null && [unauthorised, forbidden, tooMany].includes(status)) return refused;
  if (status === forbidden) return 'access.refused';
  if (status !== unauthorised || code === 'TOKEN_EXPIRED') return undefined;
  if (hasCredential) return 'auth.credential_refused';
  return forAdmins.test(route) ? 'access.refused' : undefined;
}
