import { Global, Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { HealthChecks } from '../kernel/health.js';
import { ITransactionRunner } from '../kernel/transaction.js';
import { dataSourceOptions } from './data-source-options.js';
import type { Entities } from './data-source-options.js';
import { migrations } from './migrations/index.js';
import { poolOf } from './pool.js';
import { SharedSessionsError } from './pooler.js';
import { ReservedPool } from './reserved-pool.js';
import { TypeormTransactionRunner } from './typeorm-transaction-runner.js';

@Global()
@Module({})
export class DatabaseModule implements OnModuleInit {
  /** @param entities the tables of all features */
  static of(entities: Entities): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Config],
          useFactory: (config: Config) => ({
            ...dataSourceOptions(config, entities),
            retryAttempts: 10,
            retryDelay: 1_000,
            toRetry: (error) => !(error instanceof SharedSessionsError),
          }),
        }),
      ],
      providers: [ReservedPool, { provide: ITransactionRunner, useClass: TypeormTransactionRunner }],
      exports: [ITransactionRunner, ReservedPool],
    };
  }

  constructor(
    private readonly dataSource: DataSource,
    @Inject(HealthChecks) private readonly health: HealthChecks,
  ) {}

  onModuleInit(): void {
    this.health.register('postgresql', async () => {
      if (!(await this.isReadOnly())) return;
      // Others may have been opened before the server became a standby, as this one was.
      poolOf(this.dataSource).giveUpAll();
      if (await this.isReadOnly())
        throw Object.assign(new Error('PostgreSQL takes no writes: it is a standby, or read-only'), {
          code: 'READ_ONLY',
        });
    });
    this.health.register('migrations', async () => {
      const applied = await this.dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
      const names = new Set(applied.map((row) => row.name));
      const missing = migrations.map((migration) => migration.name).filter((name) => !names.has(name));
      if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}; run npm run migration:run`);
      return { applied: names.size };
    });
  }

  /** True of a standby, and where `default_transaction_read_only` is on. */
  private async isReadOnly(): Promise<boolean> {
    const [row] = await this.dataSource.query<[{ state: string }]>(
      `SELECT current_setting('transaction_read_only') AS state`,
    );
    return row.state === 'on';
  }
}
