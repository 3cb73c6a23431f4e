import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { DataSource } from 'typeorm';
import { AppModule } from '../../../src/app.module.js';
import { ConnectorParts } from '../../../src/handlers/adapters/http/ssrf-guard.js';
import { configureApp, httpAdapter } from '../../../src/http/application.js';
import type { TestApp } from '../app.js';
import { startServices } from '../services.js';
import type { Outside } from './outside.js';

/** The whole program in this process, set as in production, before an outside world of the test's own. */
export async function startGuardedApp(outside: Outside, overrides: Record<string, string> = {}): Promise<TestApp> {
  const services = await startServices();
  const settings = { NODE_ENV: 'production', HTTP_JOBS_ALLOW_LOOPBACK: 'false', ...overrides };
  const config = services.config(settings);
  const module = await Test.createTestingModule({ imports: [AppModule.of(config)] })
    .overrideProvider(ConnectorParts)
    .useValue(outside.parts)
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config), { logger: ['error'] });
  await configureApp(app, config);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = await app.getUrl();
  return {
    environment: { ...services.environment, ...settings },
    ...{ app, config, url, http: supertest(url), database: app.get(DataSource) },
    stop: async () => {
      await app.close();
      await services.drop();
    },
  };
}
