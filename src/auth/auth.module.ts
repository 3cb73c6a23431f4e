import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { Config } from '../config/config.js';
import { LimitsModule } from '../limits/limits.module.js';
import { UsersModule } from '../users/users.module.js';
import { BcryptPasswordHasher } from './adapters/bcrypt-password-hasher.js';
import { JwtTokenIssuer, jwtOptions } from './adapters/jwt-token-issuer.js';
import { VerifiedTokens } from './adapters/verified-tokens.js';
import { AccountController } from './controllers/account.controller.js';
import { AdminInvitesController } from './controllers/admin-invites.controller.js';
import { AdminUsersController } from './controllers/admin-users.controller.js';
import { ApiKeysController } from './controllers/api-keys.controller.js';
import { AuthController } from './controllers/auth.controller.js';
import { SessionsController } from './controllers/sessions.controller.js';
import { AccessGuard } from './guards/access.guard.js';
import { AccessTokenStrategy } from './guards/access-token.strategy.js';
import { IApiKeyRepository } from './interfaces/api-key-repository.js';
import { IInviteRepository } from './interfaces/invite-repository.js';
import { IPasswordHasher } from './interfaces/password-hasher.js';
import { ISessionRepository } from './interfaces/session-repository.js';
import { ITokenIssuer } from './interfaces/token-issuer.js';
import { TypeormApiKeyRepository } from './repositories/typeorm-api-key.repository.js';
import { TypeormInviteRepository } from './repositories/typeorm-invite.repository.js';
import { TypeormSessionRepository } from './repositories/typeorm-session.repository.js';
import { AccountsService } from './services/accounts.service.js';
import { ApiKeysService } from './services/api-keys.service.js';
import { AuthService } from './services/auth.service.js';
import { CredentialRetention } from './services/credential-retention.js';
import { InvitesService } from './services/invites.service.js';
import { Passwords } from './services/passwords.js';
import { PrincipalsService } from './services/principals.service.js';
import { SessionsService } from './services/sessions.service.js';
import { UserAdministrationService } from './services/user-administration.service.js';

const controllers = [
  AuthController,
  AccountController,
  SessionsController,
  ApiKeysController,
  AdminUsersController,
  AdminInvitesController,
];

/** Needs `IOwnedWork`, which a later feature provides globally. */
@Module({})
export class AuthModule {
  static of(config: Config): DynamicModule {
    const isApi = config.roles.includes('api');
    return {
      module: AuthModule,
      imports: [
        UsersModule,
        ...(isApi ? [LimitsModule] : []),
        JwtModule.registerAsync({ inject: [Config], useFactory: jwtOptions }),
      ],
      controllers: isApi ? controllers : [],
      providers: [
        ...(isApi ? [AccountsService, AuthService, Passwords] : []),
        ApiKeysService,
        CredentialRetention,
        InvitesService,
        PrincipalsService,
        SessionsService,
        UserAdministrationService,
        AccessTokenStrategy,
        VerifiedTokens,
        { provide: IApiKeyRepository, useClass: TypeormApiKeyRepository },
        { provide: IInviteRepository, useClass: TypeormInviteRepository },
        { provide: IPasswordHasher, useClass: BcryptPasswordHasher },
        { provide: ISessionRepository, useClass: TypeormSessionRepository },
        { provide: ITokenIssuer, useClass: JwtTokenIssuer },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}
