import { Global, Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/environment-reader.js';
import { HealthChecks } from '../kernel/health.js';
import { UsersModule } from '../users/users.module.js';
import { AesSecretCipher } from './adapters/aes-secret-cipher.js';
import { SecretsController } from './controllers/secrets.controller.js';
import { WrongSecretKeys } from './domain/secret.js';
import { ISecretCipher } from './interfaces/secret-cipher.js';
import { ISecretKeyMarks } from './interfaces/secret-key-marks.js';
import { ISecretRepository } from './interfaces/secret-repository.js';
import { ISecretResolver } from './interfaces/secret-resolver.js';
import { TypeormSecretKeyMarks } from './repositories/typeorm-secret-key-marks.js';
import { TypeormSecretRepository } from './repositories/typeorm-secret.repository.js';
import { PayloadSecrets } from './services/payload-secrets.js';
import { SecretKeyCheck } from './services/secret-key-check.js';
import { SecretResolver } from './services/secret-resolver.js';
import { Secrets } from './services/secrets.js';

/** Global, because `jobs` checks references to secrets and `handlers` resolves them. */
@Global()
@Module({})
export class SecretsModule implements OnModuleInit {
  constructor(
    private readonly keys: SecretKeyCheck,
    @Inject(HealthChecks) private readonly health: HealthChecks,
  ) {}

  /** Checks the keys. When the database cannot answer yet, for example before its first migration, readiness repeats the check. */
  async onModuleInit(): Promise<void> {
    let isChecked = false;
    const check = async () => {
      if (!isChecked) await this.keys.check();
      isChecked = true;
    };
    this.health.register('secret-keys', check);
    await check().catch((error: unknown) => {
      if (error instanceof WrongSecretKeys) throw new ConfigError(error.problems);
    });
  }

  static of(config: Config): DynamicModule {
    return {
      module: SecretsModule,
      imports: [UsersModule],
      controllers: config.roles.includes('api') ? [SecretsController] : [],
      providers: [
        PayloadSecrets,
        SecretKeyCheck,
        Secrets,
        { provide: ISecretCipher, useClass: AesSecretCipher },
        { provide: ISecretKeyMarks, useClass: TypeormSecretKeyMarks },
        { provide: ISecretRepository, useClass: TypeormSecretRepository },
        { provide: ISecretResolver, useClass: SecretResolver },
      ],
      exports: [ISecretResolver, PayloadSecrets],
    };
  }
}
