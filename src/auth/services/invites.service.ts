import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { DomainError, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import { canonicalEmail } from '../../users/domain/user.js';
import type { User } from '../../users/domain/user.js';
import { digestOf, newToken } from '../domain/secret-token.js';
import { IInviteRepository } from '../interfaces/invite-repository.js';
import type { Invite, OpenInvite } from '../domain/invite.js';

const hourMs = 3_600_000;

/** Who may register: everybody, whom an admin has invited, or nobody. */
@Injectable()
export class InvitesService {
  private readonly registration: Config['auth']['registration'];

  constructor(
    @Inject(IInviteRepository) private readonly invites: IInviteRepository,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) config: Config,
  ) {
    this.registration = config.auth.registration;
  }

  /**
   * @param email only who registers with it may use the invite; null lets anybody
   * @returns the invite, and its token, which is shown once
   */
  async create(createdBy: string, email: string | null, hours: number): Promise<Invite & { token: string }> {
    const token = newToken('iv');
    const invite = {
      id: newId(),
      digest: digestOf(token),
      email: email === null ? null : canonicalEmail(email),
      createdBy,
      expiresAt: new Date(this.clock.now().getTime() + hours * hourMs),
    };
    await this.invites.insert(invite);
    return { ...invite, token };
  }

  /** Those that can still be used, newest first. Their tokens were shown once and are not known here. */
  list(page: PageRequest): Promise<Page<OpenInvite>> {
    return this.invites.listOpen(page);
  }

  /** @throws not_found, also when it has been used or has expired */
  async revoke(id: string): Promise<void> {
    if (!(await this.invites.revoke(id))) throw notFound('invite');
  }

  /** Before anything costly is done. @throws forbidden `REGISTRATION_CLOSED`, `INVITE_REQUIRED` */
  async checkMayRegister(email: string, token: string | undefined): Promise<void> {
    if (this.registration === 'closed')
      throw new DomainError('forbidden', 'REGISTRATION_CLOSED', 'Nobody can register here; ask an administrator.');
    if (this.registration === 'open') return;
    if (token === undefined || !(await this.invites.isOpen(digestOf(token), email))) throw inviteRequired();
  }

  /** Uses the invite up, if one is needed. @throws forbidden `INVITE_REQUIRED` when another has just used it */
  async use(tx: Transaction, { id, email }: User, token: string | undefined): Promise<void> {
    if (this.registration === 'open') return;
    if (token === undefined || !(await this.invites.take(tx, digestOf(token), email, id))) throw inviteRequired();
  }
}

const inviteRequired = (): DomainError =>
  new DomainError(
    'forbidden',
    'INVITE_REQUIRED',
    'Registering here needs an invite for this e-mail that has neither been used nor expired; ask an administrator.',
    { missing: { invite: true } },
  );
