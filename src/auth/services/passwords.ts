import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { DomainError } from '../../kernel/errors.js';
import { headersOf, rateLimited, sender, tightest } from '../../limits/domain/allowance.js';
import type { Allowance, Taken } from '../../limits/domain/allowance.js';
import { IRateLimiter } from '../../limits/interfaces/rate-limiter.js';
import type { User } from '../../users/domain/user.js';
import { IPasswordHasher } from '../interfaces/password-hasher.js';
import type { Asker } from '../interfaces/password-hasher.js';

const windowSeconds = 900;

/** One allowance, whose it is, and what a right password does to it. */
interface Claim {
  allowance: Allowance;
  key: string;
  onSuccess: 'giveBack' | 'forget';
}

interface Check {
  asker: Asker;
  password: string;
  claims: readonly Claim[];
  /** Whose hash to compare with, looked for when the check's turn has come. */
  find: () => Promise<User | null>;
  /** What is answered, beside how many guesses are left, when it does not fit. */
  refusal: (headers: Record<string, string>) => DomainError;
}

/**
 * The only place that compares passwords, so that no guess goes uncounted. One guess is taken when its turn has come and given back unless
 * the password was compared and did not fit: whoever was turned away, has gone, or met an outage has guessed nothing.
 */
@Injectable()
export class Passwords {
  private readonly allowances: Record<'account' | 'address' | 'own', Allowance>;

  constructor(
    @Inject(IPasswordHasher) private readonly hasher: IPasswordHasher,
    @Inject(IRateLimiter) private readonly limiter: IRateLimiter,
    @Inject(Config) { limits }: Config,
  ) {
    this.allowances = {
      account: { name: 'login-account', points: limits.loginsPerAccount, windowSeconds },
      address: { name: 'login-address', points: limits.loginsPerAddress, windowSeconds },
      own: { name: 'own-password', points: limits.loginsPerAccount, windowSeconds },
    };
  }

  /**
   * The account's owner, if the password is theirs. Equal and equally late for whatever does not fit.
   * @param account as `canonicalEmail` writes it
   * @param address where the request came from; null where that is unknown
   * @throws unauthenticated `INVALID_CREDENTIALS`; too_many `RATE_LIMITED`; unavailable `TOO_BUSY`
   */
  checkLogin(
    account: string,
    address: string | null,
    password: string,
    find: (account: string) => Promise<User | null>,
  ): Promise<User> {
    const from = sender(address ?? '');
    return this.check({
      asker: ['login', from, account],
      password,
      claims: [
        { allowance: this.allowances.account, key: account, onSuccess: 'forget' },
        { allowance: this.allowances.address, key: from, onSuccess: 'giveBack' },
      ],
      find: () => find(account),
      refusal: (headers) =>
        new DomainError('unauthenticated', 'INVALID_CREDENTIALS', 'The e-mail or the password is not right.', {
          headers,
        }),
    });
  }

  /**
   * Whoever is logged in proves that they know the password of the account. Counted apart from logins: who guesses with a stolen token does
   * not lock the owner out, and who guesses at the login does not keep the owner, logged in, from changing the password.
   * @throws forbidden `WRONG_PASSWORD`; too_many `RATE_LIMITED`; unavailable `TOO_BUSY`
   */
  async checkOwn(user: User, password: string | undefined): Promise<void> {
    if (password === undefined) throw wrongPassword();
    await this.check({
      asker: ['own', user.id],
      password,
      claims: [{ allowance: this.allowances.own, key: user.id, onSuccess: 'forget' }],
      find: async () => user,
      refusal: (headers) => wrongPassword(headers),
    });
  }

  /** @throws unavailable `TOO_BUSY` */
  hash(asker: Asker, password: string): Promise<string> {
    return this.hasher.inTurn(asker, (hashing) => hashing.hash(password));
  }

  isOutdated(hash: string): boolean {
    return this.hasher.isOutdated(hash);
  }

  private check({ asker, password, claims, find, refusal }: Check): Promise<User> {
    return this.hasher.inTurn(asker, async (hashing) => {
      const limited = claims.filter(({ allowance }) => allowance.points > 0);
      const taken = await this.take(limited);
      let isCompared = false;
      try {
        const user = await find();
        const fits = await hashing.verify(password, user?.passwordHash);
        isCompared = true;
        if (!user?.isActive || !fits) throw refusal(headersFor(taken));
        for (const { allowance, key, onSuccess } of limited) this.limiter[onSuccess](allowance, key);
        return user;
      } catch (error) {
        if (!isCompared) this.giveBack(limited);
        throw error;
      }
    });
  }

  /** All of them or none. @throws too_many `RATE_LIMITED` */
  private async take(claims: readonly Claim[]): Promise<Taken[]> {
    const taken = await Promise.all(claims.map(({ allowance, key }) => this.limiter.take(allowance, key)));
    const refused = taken.find(({ allowed }) => !allowed);
    if (!refused) return taken;
    this.giveBack(claims.filter((_, at) => taken[at]?.allowed));
    throw rateLimited(refused);
  }

  private giveBack(claims: readonly Claim[]): void {
    for (const { allowance, key } of claims) this.limiter.giveBack(allowance, key);
  }
}

function headersFor(taken: readonly Taken[]): Record<string, string> {
  const shown = tightest(taken);
  return shown ? headersOf(shown) : {};
}

export const wrongPassword = (headers: Record<string, string> = {}): DomainError =>
  new DomainError('forbidden', 'WRONG_PASSWORD', 'This needs your current password, and what was sent is not it.', {
    missing: { currentPassword: true },
    headers,
  });
