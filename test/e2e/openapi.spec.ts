import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The parts of OpenAPI that these checks look at. */
interface Schema {
  type?: string;
  format?: string;
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  example?: unknown;
  examples?: unknown;
  enum?: unknown[];
  default?: unknown;
}
type Content = Record<string, { schema?: Schema; example?: unknown; examples?: object }>;
interface Parameter extends Schema {
  name: string;
  schema?: Schema;
}
interface Operation {
  summary?: string;
  description?: string;
  operationId?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
  components: { schemas: Record<string, Schema>; securitySchemes: object };
}

/** The compiled program prints the document: the plugin that reads docstrings works only in the build. */
async function printed(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/commands/openapi.js'], {
    maxBuffer: 16 * 1_048_576,
  });
  return stdout;
}

const publicOperations = [
  'GET /health/live',
  'GET /health/ready',
  'POST /auth/login',
  'POST /auth/refresh',
  'POST /auth/register',
];

let source: string;
let document: OpenApi;
let operations: [name: string, operation: Operation][];

beforeAll(async () => {
  source = await printed();
  document = JSON.parse(source) as OpenApi;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});

/** Names of the operations for which `isWrong`: an empty list is what each check wants. */
const those = (isWrong: (operation: Operation) => boolean) =>
  operations.filter(([, operation]) => isWrong(operation)).map(([name]) => name);

/** Paths of the values under a schema for which it gives no example. `named` collects the schemas that it refers to. */
function withoutExample(schema: Schema | undefined, path: string, named: Set<string>): string[] {
  if (!schema) return [path];
  if ([schema.example, schema.examples, schema.enum, schema.default].some((given) => given !== undefined)) return [];
  // Swagger UI makes sound ones of these itself.
  if (schema.type === 'boolean' || schema.format !== undefined) return [];
  if (schema.$ref) {
    named.add(schema.$ref.split('/').at(-1) ?? '');
    return [];
  }
  const parts = schema.allOf ?? schema.oneOf;
  if (parts) return parts.flatMap((part) => withoutExample(part, path, named));
  if (schema.items) return withoutExample(schema.items, `${path}[]`, named);
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([key, inner]) => withoutExample(inner, `${path}.${key}`, named));
  return [path];
}

/** The values of an operation that have no example, neither of their own nor in one of the whole body. */
function exampleless([name, operation]: [string, Operation], named: Set<string>): string[] {
  const { parameters = [], requestBody, responses } = operation;
  const bodies = [requestBody, ...Object.values(responses)].flatMap((part) => Object.values(part?.content ?? {}));
  return [
    ...parameters
      .filter((parameter) => parameter.example === undefined)
      .flatMap((parameter) => withoutExample(parameter.schema, `${name} ?${parameter.name}`, named)),
    ...bodies
      .filter(({ example, examples }) => example === undefined && !examples)
      .flatMap(({ schema }) => withoutExample(schema, name, named)),
  ];
}

describe('the OpenAPI document', () => {
  it('passes a linter without an error', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it('describes every operation', () => {
    expect(operations.length).toBeGreaterThan(publicOperations.length);
    expect(those(({ summary }) => !summary)).toEqual([]);
    expect(those(({ description }) => !description)).toEqual([]);
    const known = document.tags.map(({ name }) => name);
    expect(those(({ tags }) => tags?.length !== 1 || !known.includes(tags[0] ?? ''))).toEqual([]);
    expect(known.slice(0, 4)).toEqual(['auth', 'jobs', 'runs', 'health']);
  });

  it('names every operation, once', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(those(({ operationId }) => !/^[a-z]+[A-Z][A-Za-z]*$/.test(operationId ?? ''))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('asks for a token on every operation but the public ones, and tells of the 401', () => {
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
    expect(those(({ security }) => security?.length === 0).sort()).toEqual(publicOperations);
    const closed = operations.filter(([name]) => !publicOperations.includes(name));
    for (const [name, { security, responses }] of closed) {
      expect({ name, security }).toEqual({ name, security: expect.arrayContaining([{ bearer: [] }]) });
      expect(responses).toHaveProperty('403');
      expect(responses).toHaveProperty('401');
    }
  });

  it('gives an example for every value that is sent or answered', () => {
    const named = new Set<string>();
    const missing = operations.flatMap((operation) => exampleless(operation, named));
    // The set grows while it is walked: a schema may refer to further ones.
    for (const name of named) missing.push(...withoutExample(document.components.schemas[name], name, named));
    expect(missing).toEqual([]);
  });

  it('shows every error as problem details', () => {
    const wrong = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && name !== 'GET /health/ready')
        .filter(([, { content }]) => !content?.['application/problem+json'])
        .map(([status]) => `${name} ${status}`),
    );
    expect(wrong).toEqual([]);
  });
});
