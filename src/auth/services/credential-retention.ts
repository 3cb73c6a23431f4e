import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Prunables, ageOf } from '../../kernel/retention.js';
import { IInviteRepository } from '../interfaces/invite-repository.js';
import { ISessionRepository } from '../interfaces/session-repository.js';

/** Says which spent credentials are pruned. */
@Injectable()
export class CredentialRetention {
  constructor(
    @Inject(Prunables) prunables: Prunables,
    @Inject(Config) { retention }: Config,
    @Inject(ISessionRepository) sessions: ISessionRepository,
    @Inject(IInviteRepository) invites: IInviteRepository,
  ) {
    const ageMs = ageOf(retention.credentialsDays);
    if (ageMs === null) return;
    prunables.register(
      { name: 'sessions', prune: (after, limit) => sessions.prune(ageMs, after, limit) },
      { name: 'refresh_tokens', prune: (after, limit) => sessions.pruneTokens(ageMs, after, limit) },
      { name: 'invites', prune: (after, limit) => invites.prune(ageMs, after, limit) },
    );
  }
}
