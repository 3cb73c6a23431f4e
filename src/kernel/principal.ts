/** The rights that an API key can have. The token of a login has all rights of its user. */
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

/** The user that a request acts for, as proved by its token or API key. */
export interface Principal {
  userId: string;
  role: 'user' | 'admin';
  /** The kind of proof: an access token of a login, or an API key. */
  via: 'session' | 'api_key';
  /** Id of the session or of the API key. */
  credentialId: string;
  /** The rights of an API key; null means all rights of the user's role. */
  scopes: readonly Scope[] | null;
}
