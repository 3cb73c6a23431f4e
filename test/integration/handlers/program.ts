import { Global, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { readConfig } from '../../../src/config/config.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { ThreadStart } from '../../../src/handlers/adapters/threads/handler-threads.js';
import { HandlersModule } from '../../../src/handlers/handlers.module.js';
import { IHandlerCatalogue } from '../../../src/jobs/interfaces/handler-catalogue.js';
import { Abort } from '../../../src/kernel/abort.js';
import { KernelModule } from '../../../src/kernel/kernel.module.js';
import type { JsonObject } from '../../../src/kernel/json.js';
import type { ClaimedRun } from '../../../src/runs/domain/claimed-run.js';
import type { Outcome } from '../../../src/runs/domain/outcome.js';
import { IJobExecutor } from '../../../src/runs/execution/interfaces/job-executor.js';
import { ISecretResolver } from '../../../src/secrets/interfaces/secret-resolver.js';
import { aClaimedRun } from '../../support/executor.js';
import { MailsUnlimited } from '../../support/mails-unlimited.js';
import { Uncounted } from '../../support/uncounted.js';

export interface Program {
  module: TestingModule;
  catalogue: IHandlerCatalogue;
  lines: string[];
  steps: number[];
  /** Runs one attempt of a job with this handler and payload. */
  run(handler: string, payload: JsonObject, changes?: Partial<ClaimedRun>, abort?: Abort): Promise<Outcome>;
  close(): Promise<void>;
}

/** Threads load the sources as they are, as the tests do. */
const typeScriptThreads: ThreadStart = {
  execArgv: ['--import', new URL('../../../scripts/local/typescript.mjs', import.meta.url).href],
};

/** No payload of these tests refers to a secret. */
@Global()
@Module({ providers: [{ provide: ISecretResolver, useValue: {} }], exports: [ISecretResolver] })
export class NoSecrets {}

/** The handlers of a program with these settings and further modules, as a worker meets them. */
export async function aProgram(settings: Record<string, string>, ...modules: Type[]): Promise<Program> {
  const config = readConfig({ JWT_SECRET: 'integration-tests-need-no-real-secret', ...settings });
  const module = await Test.createTestingModule({
    imports: [KernelModule, ConfigModule.of(config), HandlersModule, MailsUnlimited, Uncounted, NoSecrets, ...modules],
  })
    .overrideProvider(ThreadStart)
    .useValue(typeScriptThreads)
    .compile();
  await module.init();
  const executor = module.get<IJobExecutor>(IJobExecutor);
  const lines: string[] = [];
  const steps: number[] = [];
  return {
    ...{ module, lines, steps, catalogue: module.get<IHandlerCatalogue>(IHandlerCatalogue) },
    run: (handler, payload, changes = {}, abort = new Abort()) =>
      executor.execute(aClaimedRun({ handler, payload, attempt: 1, ...changes }), {
        abort,
        log: (line) => void lines.push(line),
        progress: (percent) => void steps.push(percent),
      }),
    close: () => module.close(),
  };
}
