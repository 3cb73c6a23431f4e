import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import type { Config } from '../../src/config/config.js';
import { createApp } from '../../src/http/application.js';
import { startServices } from './services.js';

/** The whole program in this process, on a database and a Redis prefix of its own. */
export interface TestApp {
  app: NestFastifyApplication;
  config: Config;
  /** Its settings by their environment names: what another process of the same installation needs. */
  environment: Record<string, string>;
  /** Where it listens, without a slash at the end. */
  url: string;
  http: ReturnType<typeof supertest>;
  database: DataSource;
  stop(): Promise<void>;
}

/** @param overrides settings by their environment names */
export async function startApp(overrides: Record<string, string> = {}): Promise<TestApp> {
  const services = await startServices();
  const config = services.config(overrides);
  const app = await createApp(AppModule.of(config), config);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = await app.getUrl();
  return {
    app,
    config,
    environment: { ...services.environment, ...overrides },
    url,
    http: supertest(url),
    database: app.get(DataSource),
    stop: async () => {
      await app.close();
      await services.drop();
    },
  };
}
