export interface ITokenIssuer {
  /** Seconds that a token works. */
  readonly lifeSeconds: number;

  /** A signed access token that proves, until it expires or the session ends, that its bearer acts for this user. */
  issue(userId: string, sessionId: string): Promise<string>;
}
export const ITokenIssuer = Symbol('ITokenIssuer');
