import { DomainError, conflict } from '../../kernel/errors.js';

export const userRoles = ['user', 'admin'] as const;
export type UserRole = (typeof userRoles)[number];

/** A person who owns jobs. */
export interface User {
  id: string;
  /** As {@link canonicalEmail} writes it; unique. */
  email: string;
  name: string;
  passwordHash: string;
  role: UserRole;
  /** Someone who is not active may not log in, and tokens issued before stop working. */
  isActive: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * The one form of an e-mail address by which a user is known: without spaces around it, composed (NFC), in lower case.
 * Addresses that merely look alike stay different.
 */
export const canonicalEmail = (text: string): string => text.trim().normalize('NFC').toLowerCase();

/** What of an account people change: the audit log compares it. */
export const accountOf = ({ id, email, name, role, isActive }: User) => ({ id, email, name, role, isActive });

/** Which users a list shows. */
export interface UserFilter {
  role?: UserRole;
  isActive?: boolean;
  /** Text looked for in e-mail and name, any case, taken literally. */
  search?: string;
}

/**
 * Who owns the history of somebody who has left: an account that says nothing of them and that nobody can enter, since no
 * password has this hash.
 */
export const formerUser = (id: string, now: Date): User => ({
  id,
  email: `former-${id}@users.invalid`,
  name: 'Former user',
  passwordHash: '!',
  role: 'user',
  isActive: false,
  createdAt: now,
  updatedAt: now,
});

export const accountGone = (): DomainError =>
  new DomainError('unauthenticated', 'UNAUTHENTICATED', 'This account does not exist any more.');

export const lastAdmin = (): DomainError =>
  conflict('LAST_ADMIN', 'This is the last active admin; make somebody else an admin first.');

export const emailTaken = (): DomainError =>
  conflict('EMAIL_TAKEN', 'There is already an account with this e-mail; log in, or use another.');
