import { NotFoundException } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { accessExtension } from '../decorators/access.decorator.js';
import type { AccessRule } from '../decorators/access.decorator.js';
import { problemResponse } from '../decorators/api-problems.decorator.js';
import { publicExtension } from '../decorators/public.decorator.js';
import { pathOf } from '../path.js';
import { FieldProblemDto, ProblemDetailsDto } from '../dto/problem-details.dto.js';
import { makeExact } from './exact-schemas.js';

const description = `A job scheduler that people run themselves: **every run accounted for**.

To call the routes with a lock from this page:

1. Open \`POST /auth/register\` below, press *Try it out*, then *Execute*. (Registered before? Use \`POST /auth/login\`.)
2. Copy the value of \`access_token\` from the answer, without its quotes.
3. Press *Authorize* at the top, paste it, press *Authorize*, then *Close*. The page keeps it when you reload.
4. Open \`POST /jobs\`, *Try it out*, *Execute*: the job runs at once. \`GET /jobs/{id}/runs\` shows what became of it.

Errors are problem details (RFC 9457). Their \`code\` is stable; their \`type\` is \`urn:punctual:problem:\` and the code in
kebab case; \`requestId\` finds the request in the server's log. Unknown fields are refused.
Times are RFC 3339 with an offset; answers are in UTC.`;

const tags: readonly [string, string][] = [
  ['auth', 'Register, log in, see whom a token belongs to.'],
  ['jobs', 'What is to run, and when.'],
  ['runs', 'What became of each nominal time.'],
  ['health', 'Whether this process works.'],
  ['secrets', 'What payloads name and nobody is shown.'],
  ['admin', "For administrators: users, invites, everybody's jobs, the audit log."],
];

/** Stands for any id in the examples. */
const exampleId = '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11';

interface Parameter {
  name: string;
  in: string;
  description?: string;
  example?: unknown;
  schema?: { type?: string; format?: string };
}

interface Operation {
  description?: string;
  parameters?: Parameter[];
  security?: unknown[];
  responses: Record<string, unknown>;
  [publicExtension]?: boolean;
  [accessExtension]?: AccessRule;
}

/**
 * The OpenAPI 3 document of the application's routes.
 * @param publicUrl where people reach it, which may be below a path of a proxy; null: where the document came from
 */
export function openApiDocument(app: INestApplication, publicUrl: string | null = null): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Punctual')
    .setDescription(description)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(publicUrl?.replace(/\/+$/, '') ?? '/', 'This server')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'The `access_token` of a login; an API key does too.',
    })
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'From `POST /auth/api-keys`.' },
      'apiKey',
    );
  for (const [name, about] of tags) builder.addTag(name, about);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => operationId(controller, method),
    extraModels: [ProblemDetailsDto, FieldProblemDto],
  });
  for (const path of Object.values(document.paths))
    for (const [method, operation] of Object.entries(path as Record<string, Operation>)) {
      guard(method, operation);
      for (const parameter of operation.parameters ?? [])
        if (parameter.in === 'path' && parameter.name === 'id') describeId(parameter);
    }
  makeExact(document.components?.schemas);
  makeExact(document.paths);
  return document;
}

/** Of the package with Swagger UI's files: what its page asks for. The rest tells its version, and its sources, to whoever asks. */
const pageFiles = [
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'swagger-ui-init.js'],
  ...['favicon-16x16.png', 'favicon-32x32.png'],
];
const pagePaths: ReadonlySet<string> = new Set(['', ...pageFiles].map((file) => `/api/${file}`));

/** Serves Swagger UI at `/api` and the document at `/api-json`. */
export function setUpOpenApi(app: NestFastifyApplication, publicUrl: string | null): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', ({ routeOptions, url }, _reply, done) => {
      const isFile = routeOptions.url?.startsWith('/api/') === true;
      if (isFile && !pagePaths.has(pathOf(url))) throw new NotFoundException();
      done();
    });
  SwaggerModule.setup('api', app, () => openApiDocument(app, publicUrl), {
    jsonDocumentUrl: 'api-json',
    raw: ['json'],
    customSiteTitle: 'Punctual API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}

/** `JobsController.create` becomes `jobsCreate`. */
function operationId(controller: string, method: string): string {
  const feature = controller.replace(/Controller$/, '');
  return `${feature.charAt(0).toLowerCase()}${feature.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}

/**
 * Every operation needs a credential unless it is public, as the guard has it. Its rule stays in `x-access`, and in
 * words at the end of its description.
 */
function guard(method: string, operation: Operation): void {
  const rule = operation[accessExtension] ?? {};
  if (operation[publicExtension]) operation.security = [];
  else {
    const keyToo = rule.scope !== undefined;
    operation.security = keyToo ? [{ bearer: [] }, { apiKey: [] }] : [{ bearer: [] }];
    operation.responses['401'] ??= problemResponse(401);
    operation.responses['403'] ??= problemResponse(403);
    if (method !== 'get') operation.responses['429'] ??= problemResponse(429);
    operation.description = `${operation.description ?? ''}

${accessInWords(rule)}`;
  }
  delete operation[publicExtension];
}

function accessInWords({ scope, role }: AccessRule): string {
  const who = role ? `For users with the role \`${role}\`` : 'For every user';
  return scope ? `${who}; an API key needs the scope \`${scope}\`.` : `${who}, logged in; no API key may.`;
}

/** Every parameter in a path is the id of something. */
function describeId(parameter: Parameter): void {
  parameter.description ??= 'Its id, as the answer that created it or a list gave it.';
  parameter.example ??= exampleId;
  parameter.schema = { type: 'string', format: 'uuid' };
}
