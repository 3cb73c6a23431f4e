import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { readConfig } from './config/config.js';
import type { Config } from './config/config.js';
import { ConfigError } from './config/environment-reader.js';
import { processEnvironment } from './config/environment.js';
import { createApp } from './http/application.js';
import { HealthChecks } from './kernel/health.js';

/** Milliseconds beyond the handlers' grace in which connections must have closed. */
const closingMs = 2_000;

const logger = new Logger('Main');

process.on('unhandledRejection', (reason) => {
  logger.fatal(
    reason instanceof Error ? reason.message : String(reason),
    reason instanceof Error ? reason.stack : undefined,
  );
  process.exit(1);
});

try {
  const config = readConfig(processEnvironment());
  const app = await createApp(AppModule.of(config), config);
  stopOnSignal(app, config);
  await app.listen({ port: config.port, host: config.host });
  logger.log(`Listening on ${await app.getUrl()} as ${config.roles.join(', ')}`);
  process.send?.({ type: 'listening', url: await app.getUrl() });
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, stack } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken; set PORT to a free one.`;
  return stack ?? String(error);
}

/** The first signal stops in good order, the second at once. A parent that is gone counts as a signal. */
function stopOnSignal(app: NestFastifyApplication, config: Config): void {
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.log(`${reason}: finishing what is running`);
    app.get(HealthChecks).stop();
    setTimeout(() => {
      logger.warn('Not everything finished in time; leaving anyway');
      process.exit(0);
    }, config.engine.stopGraceMs + closingMs).unref();
    void app.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stop(signal);
    });
  process.on('disconnect', () => stop('Parent gone'));
}
