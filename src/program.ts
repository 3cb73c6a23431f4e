import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { AppModule } from './app.module.js';
import { readConfig } from './config/config.js';
import type { Config } from './config/config.js';
import { ConfigError } from './config/environment-reader.js';
import { processEnvironment } from './config/environment.js';
import { createApp } from './http/application.js';
import { Logger as ProcessLogger } from './http/logging/logger.js';
import { HealthChecks } from './kernel/health.js';

/** Milliseconds beyond the handlers' grace in which connections must have closed. */
const closingMs = 2_000;

const logger = new Logger('Main');

/**
 * Starts what this process's roles need, and listens. Ends the process when that fails.
 *
 * @param onStop is handed what stops the program in good order, as soon as there is something to stop
 */
export async function start(onStop: (stop: (reason: string) => void) => void): Promise<void> {
  process.on('unhandledRejection', (reason) => {
    if (isRefusalOfRedis(reason))
      return logger.error(`Redis refused a command that nobody waited for: ${String(reason)}`);
    logger.fatal(
      reason instanceof Error ? reason.message : String(reason),
      reason instanceof Error ? reason.stack : undefined,
    );
    process.exit(1);
  });
  try {
    const config = readConfig(processEnvironment());
    const app = await createApp(AppModule.of(config), config);
    const listening = app.listen({ port: config.port, host: config.host });
    onStop((reason) => finish(reason, app, config, listening));
    await listening;
    logger.log(`Listening on ${addressOf(app)} as ${config.roles.join(', ')}`);
    process.send?.({ type: 'listening', url: await app.getUrl() });
  } catch (error) {
    sayLastWords(reasonOf(error));
    process.exit(1);
  }
}

/** Parts that are still starting are stopped when they have started: half a part may not know how to stop. */
function finish(reason: string, app: NestFastifyApplication, config: Config, listening: Promise<unknown>): void {
  logger.log(`${reason}: finishing what is running`);
  const health = app.get(HealthChecks);
  health.drain();
  setTimeout(
    () => {
      logger.warn('Not everything finished in time; leaving anyway');
      process.exit(0);
    },
    config.shutdownDelayMs + config.engine.stopGraceMs + closingMs,
  ).unref();
  const drained = config.shutdownDelayMs > 0 ? sleep(config.shutdownDelayMs) : Promise.resolve();
  void drained.then(() => health.stop());
  void Promise.all([listening, drained])
    .then(() => app.close())
    .then(() => process.exit(0));
}

/** In the form that the log has, as far as the environment says it: the configuration itself may be what is wrong. */
function sayLastWords(words: string): void {
  const { LOG_FORMAT: format, NODE_ENV: nodeEnv } = processEnvironment();
  const isJson = format?.trim() ? format.trim() === 'json' : nodeEnv?.trim() === 'production';
  if (isJson) new ProcessLogger({ format: 'json', level: 'error' }).fatal(words, 'Main');
  else process.stderr.write(`${words}\n`);
}

/** What others reach it at: `getUrl` names loopback where the server listens on every address. */
function addressOf(app: NestFastifyApplication): string {
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** What Redis refuses (NOAUTH, NOPERM, READONLY) is an outage: doorbells come later, and PostgreSQL holds what is true. */
const isRefusalOfRedis = (reason: unknown): boolean => reason instanceof Error && reason.name === 'ReplyError';

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken; set PORT to a free one.`;
  return stack ?? String(error);
}
