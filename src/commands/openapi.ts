import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { readConfig } from '../config/config.js';
import { httpAdapter } from '../http/application.js';
import { openApiDocument } from '../http/openapi/openapi.js';

/** Prints the OpenAPI document. Nest creates no provider in preview mode, so the command needs no PostgreSQL and no Redis. */
const config = readConfig({ JWT_SECRET: 'signs-nothing-0123456789-abcdefghijklm' });
const app = await NestFactory.create(AppModule.of(config), httpAdapter(config), { preview: true, logger: ['error'] });
process.stdout.write(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
