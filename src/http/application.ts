import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { HealthChecks } from '../kernel/health.js';
import { newId } from '../kernel/ids.js';
import { readJsonBody } from './body/json-body.js';
import { addHooks } from './routes/hooks.js';
import { Logger, levelsUpTo } from './logging/logger.js';
import { setUpOpenApi } from './openapi/openapi.js';
import { answerExpectation, answerUnreadable, answerUnroutable } from './problems/answer.js';

/** Requests that take too long to arrive are looked for at this interval in ms, or five times as they may take. */
const arrivalCheckMs = 5_000;
/** Milliseconds that a connection may stay silent while a request is served, and between two requests. */
const silence = { serving: 60_000, between: 72_000 };
/** Longer than any name or id in a path; find-my-way answers 414 above it. */
const maxParamLength = 500;

const saneRequestId = /^[A-Za-z0-9._-]{1,128}$/;

function requestIdOf(request: IncomingMessage): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && saneRequestId.test(sent) ? sent : newId();
}

export function httpAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: config.http.bodyLimitBytes,
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: config.http.trustedProxies.length > 0 ? [...config.http.trustedProxies] : false,
    connectionTimeout: silence.serving,
    keepAliveTimeout: silence.between,
    requestTimeout: config.http.requestTimeoutMs,
    http: {
      headersTimeout: config.http.headTimeoutMs,
      connectionsCheckingInterval: Math.min(arrivalCheckMs, config.http.requestTimeoutMs / 5),
      maxHeaderSize: config.http.maxHeaderBytes,
      // Node would refuse a request without Host by itself, with an answer of its own.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength },
    // There is no middleware: every request would pass by.
    skipMiddie: true,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
}

/** Everything about HTTP that is the same for every route. Call it once, before the application is initialised. */
export async function configureApp(app: NestFastifyApplication, config: Config): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  if (config.http.corsOrigins.length > 0)
    app.enableCors({
      origin: [...config.http.corsOrigins],
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['etag', 'idempotency-replayed', 'x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
      maxAge: 600,
    });
  server.removeAllContentTypeParsers();
  // The media type that is taken stands for itself too: for '*' Fastify takes each request's type apart.
  for (const type of ['application/json', '*'])
    app.useBodyParser(
      type,
      { bodyLimit: config.http.bodyLimitBytes },
      (request: FastifyRequest, body: Buffer, done: BodyRead) => readBody(request, body, config, done),
    );
  server.server.on('checkExpectation', answerExpectation);
  server.server.maxConnections = config.http.maxConnections;
  addHooks(server, app.get(HealthChecks), config.http, levelsUpTo(config.log.level).includes('log'));
  if (config.roles.includes('api')) setUpOpenApi(app, config.http.publicUrl ?? null);
}

type BodyRead = (error: Error | null, value?: unknown) => void;

function readBody(request: FastifyRequest, body: Buffer, { http }: Config, done: BodyRead): void {
  try {
    done(null, readJsonBody(request.headers['content-type'], body, http));
  } catch (error) {
    done(error as Error);
  }
}

/** The application, configured but not yet listening. Rejects when a part cannot start. */
export async function createApp(root: Type | DynamicModule, config: Config): Promise<NestFastifyApplication> {
  const logger = new Logger(config.log);
  const app = await NestFactory.create<NestFastifyApplication>(root, httpAdapter(config), {
    logger,
    abortOnError: false,
  });
  await configureApp(app, config);
  return app;
}
