import { AccountsService } from '../../../src/auth/services/accounts.service.js';
import { ApiKeysService } from '../../../src/auth/services/api-keys.service.js';
import { AuthService } from '../../../src/auth/services/auth.service.js';
import { InvitesService } from '../../../src/auth/services/invites.service.js';
import { PrincipalsService } from '../../../src/auth/services/principals.service.js';
import { SessionsService } from '../../../src/auth/services/sessions.service.js';
import { UserAdministrationService } from '../../../src/auth/services/user-administration.service.js';
import type { Asker, Hashing, IPasswordHasher } from '../../../src/auth/interfaces/password-hasher.js';
import { Passwords } from '../../../src/auth/services/passwords.js';
import { readConfig } from '../../../src/config/config.js';
import type { IOwnedWork } from '../../../src/users/interfaces/owned-work.js';
import { InMemoryUserRepository } from '../in-memory-user.repository.js';
import {
  InMemoryApiKeyRepository,
  InMemoryInviteRepository,
  InMemorySessionRepository,
  withoutRollback,
} from './accounts.js';
import { silentTrail } from './audit.js';
import { InMemoryRateLimiter } from './rate-limiter.js';

export class PlainHasher implements IPasswordHasher {
  verified = 0;
  /** Written into each hash; one with another is outdated. */
  cost = 12;

  inTurn<T>(_asker: Asker, work: (hashing: Hashing) => Promise<T>): Promise<T> {
    return work({
      hash: async (password) => `${this.cost}: ${password}`,
      verify: async (password, hash) => {
        this.verified += 1;
        return hash?.slice('12: '.length) === password;
      },
    });
  }

  isOutdated(hash: string): boolean {
    return !hash.startsWith(`${this.cost}: `);
  }
}

export const nowhere = { address: null, userAgent: null };
export const ada = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };

/** Everything about accounts, without a server. The clock stands until `pass`. */
export function accountServices(settings: Record<string, string> = {}) {
  let ms = Date.parse('2026-01-02T03:04:05Z');
  const clock = { now: () => new Date(ms), monotonicMs: () => ms };
  const config = readConfig({ JWT_SECRET: 'k'.repeat(32), ...settings });
  const users = new InMemoryUserRepository();
  const sessionStore = new InMemorySessionRepository(clock);
  const keyStore = new InMemoryApiKeyRepository(clock);
  const hasher = new PlainHasher();
  const limiter = new InMemoryRateLimiter();
  const passwords = new Passwords(hasher, limiter, config);
  const tokens = { lifeSeconds: 900, issue: async (userId: string, sessionId: string) => `${userId} ${sessionId}` };
  const released: [userId: string, heirId: string | null][] = [];
  const followed: string[] = [];
  const work: IOwnedWork = {
    release: async (_, userId, heirId) => void released.push([userId, heirId]),
    activityChanges: async () => {},
    followActivity: async (userId) => void followed.push(userId),
  };
  const principals = new PrincipalsService(users, sessionStore, keyStore, clock);
  const sessions = new SessionsService(sessionStore, users, tokens, principals, silentTrail, config);
  const invites = new InvitesService(new InMemoryInviteRepository(clock), clock, config);
  return {
    users,
    hasher,
    limiter,
    passwords,
    released,
    followed,
    principals,
    sessions,
    invites,
    sessionStore,
    keyStore,
    auth: new AuthService(users, passwords, withoutRollback, clock, invites, sessions, silentTrail),
    accounts: new AccountsService(
      users,
      sessionStore,
      work,
      passwords,
      withoutRollback,
      clock,
      principals,
      silentTrail,
      config,
    ),
    keys: new ApiKeysService(keyStore, clock, principals, users, withoutRollback, config),
    administration: new UserAdministrationService(users, sessionStore, work, withoutRollback, principals, silentTrail),
    pass: (passedMs: number) => void (ms += passedMs),
  };
}

/** The session's id out of one of its access tokens. */
export const sessionIdOf = ({ accessToken }: { accessToken: string }): string => accessToken.split(' ')[1] ?? '';
