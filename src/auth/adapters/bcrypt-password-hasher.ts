import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { Config } from '../../config/config.js';
import type { IPasswordHasher } from '../interfaces/password-hasher.js';
import { Gate } from './gate.js';

/** bcrypt takes one of libuv's four threads, which look-ups of names and file access need too. */
const atOnce = 2;
const mayWait = 40;

/** Salt and digest of nobody's password; the cost in front of it makes comparing as slow as with a real one. */
const nobodysHash = 'C6UzMDM.H6dfI/f/IKcEeO7qA2Dq5jGJ0Zc3q9k1sVxYb2tWm8nLu';

@Injectable()
export class BcryptPasswordHasher implements IPasswordHasher {
  private readonly gate = new Gate(atOnce, mayWait);
  private readonly cost: number;

  constructor(@Inject(Config) config: Config) {
    this.cost = config.auth.bcryptCost;
  }

  hash(password: string): Promise<string> {
    return this.gate.pass(() => bcrypt.hash(password, this.cost));
  }

  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const against = hash ?? `$2b$${String(this.cost).padStart(2, '0')}$${nobodysHash}`;
    const equal = await this.gate.pass(() => bcrypt.compare(password, against));
    return equal && hash !== undefined;
  }

  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) < this.cost;
  }
}
