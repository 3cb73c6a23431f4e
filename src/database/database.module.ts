import { Global, Inject, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Config } from '../config/config.js';
import { HealthChecks } from '../kernel/health.js';
import { ITransactionRunner } from '../kernel/transaction.js';
import { dataSourceOptions } from './data-source.js';
import { migrations } from './migrations/index.js';
import { ReservedPool } from './reserved-pool.js';
import { TypeormTransactionRunner } from './typeorm-transaction-runner.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({ ...dataSourceOptions(config), retryAttempts: 10, retryDelay: 1_000 }),
    }),
  ],
  providers: [ReservedPool, { provide: ITransactionRunner, useClass: TypeormTransactionRunner }],
  exports: [ITransactionRunner, ReservedPool],
})
export class DatabaseModule implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(HealthChecks) private readonly health: HealthChecks,
  ) {}

  onModuleInit(): void {
    this.health.register('postgresql', async () => {
      await this.dataSource.query('SELECT 1');
    });
    this.health.register('migrations', async () => {
      const applied = await this.dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
      const names = new Set(applied.map((row) => row.name));
      const missing = migrations.map((migration) => migration.name).filter((name) => !names.has(name));
      if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}; run npm run migration:run`);
      return { applied: names.size };
    });
  }
}
