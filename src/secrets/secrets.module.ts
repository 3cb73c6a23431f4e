import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { UsersModule } from '../users/users.module.js';
import { AesSecretCipher } from './adapters/aes-secret-cipher.js';
import { SecretsController } from './controllers/secrets.controller.js';
import { ISecretCipher } from './interfaces/secret-cipher.js';
import { ISecretRepository } from './interfaces/secret-repository.js';
import { ISecretResolver } from './interfaces/secret-resolver.js';
import { TypeormSecretRepository } from './repositories/typeorm-secret.repository.js';
import { PayloadSecrets } from './services/payload-secrets.js';
import { SecretResolver } from './services/secret-resolver.js';
import { Secrets } from './services/secrets.js';

/** Global, because jobs check, and handlers resolve, what payloads refer to. */
@Global()
@Module({})
export class SecretsModule {
  static of(config: Config): DynamicModule {
    return {
      module: SecretsModule,
      imports: [UsersModule],
      controllers: config.roles.includes('api') ? [SecretsController] : [],
      providers: [
        PayloadSecrets,
        Secrets,
        { provide: ISecretCipher, useClass: AesSecretCipher },
        { provide: ISecretRepository, useClass: TypeormSecretRepository },
        { provide: ISecretResolver, useClass: SecretResolver },
      ],
      exports: [ISecretResolver, PayloadSecrets],
    };
  }
}
