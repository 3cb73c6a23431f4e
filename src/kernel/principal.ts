/** What an API key may be allowed to do. A login's token may do all that its user may. */
export const scopes = [
  'jobs:read',
  'jobs:write',
  'runs:read',
  'runs:write',
  'secrets:read',
  'secrets:write',
  'admin:read',
] as const;
export type Scope = (typeof scopes)[number];

/** Who a request acts for, as proven by its token or key. */
export interface Principal {
  userId: string;
  role: 'user' | 'admin';
  /** What proved it: an access token of a login, or an API key. */
  via: 'session' | 'api_key';
  /** Id of that session or key. */
  credentialId: string;
  /** What a key is limited to; null has no limit but the user's role. */
  scopes: readonly Scope[] | null;
}
