import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { Config } from '../../config/config.js';
import { currentRequest } from '../../http/logging/request-context.js';
import type { Asker, Hashing, IPasswordHasher } from '../interfaces/password-hasher.js';
import { HashingLimit } from './hashing-limit.js';

/** bcrypt takes one of libuv's four threads, which look-ups of names and file access need too. */
const atOnce = 2;
const mayWait = 40;
/** Of one user who is logged in: somebody who has a token changes a password now and then. */
const mayWaitOfOwn = 4;

/** Salt and digest of nobody's password; the cost in front of it makes comparing as slow as with a real one. */
const nobodysHash = 'C6UzMDM.H6dfI/f/IKcEeO7qA2Dq5jGJ0Zc3q9k1sVxYb2tWm8nLu';

@Injectable()
export class BcryptPasswordHasher implements IPasswordHasher {
  private readonly gate = new HashingLimit(atOnce, mayWait);
  private readonly cost: number;
  private readonly hashing: Hashing = {
    hash: (password) => bcrypt.hash(password, this.cost),
    verify: async (password, hash) => {
      const against = hash ?? `$2b$${String(this.cost).padStart(2, '0')}$${nobodysHash}`;
      const equal = await bcrypt.compare(password, against);
      return equal && hash !== undefined;
    },
  };

  constructor(@Inject(Config) config: Config) {
    this.cost = config.auth.bcryptCost;
  }

  inTurn<T>(asker: Asker, work: (hashing: Hashing) => Promise<T>): Promise<T> {
    const isGone = currentRequest()?.isGone;
    const own = asker[0] === 'own' ? { mayWait: mayWaitOfOwn } : {};
    return this.gate.pass({ path: asker, ...own, ...(isGone && { isGone }) }, () => work(this.hashing));
  }

  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) < this.cost;
  }
}
