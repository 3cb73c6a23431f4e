import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { JwtModuleOptions } from '@nestjs/jwt';
import { Config } from '../../config/config.js';
import { newId } from '../../kernel/ids.js';
import type { ITokenIssuer } from '../interfaces/token-issuer.js';
import { accessTokens, signingKeys } from './access-tokens.js';

export function jwtOptions(config: Config): JwtModuleOptions {
  const [{ id, key }] = signingKeys(config);
  const { algorithm, type, issuer, audience } = accessTokens;
  return {
    privateKey: key,
    signOptions: {
      algorithm,
      issuer,
      audience,
      header: { alg: algorithm, typ: type, kid: id },
      expiresIn: config.auth.jwtExpirationSeconds,
    },
  };
}

@Injectable()
export class JwtTokenIssuer implements ITokenIssuer {
  readonly lifeSeconds: number;

  constructor(
    @Inject(JwtService) private readonly jwt: JwtService,
    @Inject(Config) config: Config,
  ) {
    this.lifeSeconds = config.auth.jwtExpirationSeconds;
  }

  issue(userId: string, sessionId: string): Promise<string> {
    return this.jwt.signAsync({ sid: sessionId }, { subject: userId, jwtid: newId() });
  }
}
