/** Lets one person register. */
export interface Invite {
  id: string;
  /** Of its token; see `digestOf`. */
  digest: string;
  /** Only who registers with this e-mail may use it, in canonical form; null lets anybody. */
  email: string | null;
  createdBy: string;
  expiresAt: Date;
}

/** An invite that nobody has used yet, as admins see it. */
export type OpenInvite = Omit<Invite, 'digest'> & { createdAt: Date };
