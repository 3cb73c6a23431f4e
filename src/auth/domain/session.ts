/** One login of one person on one device: what its access tokens refer to and its refresh tokens prolong. */
export interface Session {
  id: string;
  userId: string;
  createdAt: Date;
  /** When it was opened or last refreshed. */
  lastUsedAt: Date;
  /** It ends here unless it is refreshed before. */
  expiresAt: Date;
  /** From where it was opened; null where unknown. */
  address: string | null;
  userAgent: string | null;
}

/** Where a request came from. */
export type Client = Pick<Session, 'address' | 'userAgent'>;
