import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AccessRule } from '../../src/http/decorators/access.decorator.js';

/** The part of a JSON schema that a sample is made from. */
interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  required?: string[];
  properties?: Record<string, Schema>;
  example?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  default?: unknown;
}
interface Body {
  schema: Schema;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  security?: object[];
  'x-access'?: AccessRule;
  parameters?: { name: string; in: string; schema: Schema; example?: unknown }[];
  requestBody?: { content: Record<string, Body> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** An operation of the API as its document describes it. */
export interface Route {
  name: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  /** Null: public. */
  access: AccessRule | null;
  /** One that the route takes; undefined where it takes none. */
  body: object | undefined;
  /** Every field that its body may have, with its example. */
  fields: Record<string, unknown>;
  /** What may stand after the `?`, each with values that it takes. */
  query: { name: string; samples: string[] }[];
}

/** Every operation of the compiled program: the plugin that reads examples works only in the build. */
export async function documentedRoutes(): Promise<Route[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/commands/openapi.js'], {
    maxBuffer: 16 * 1_048_576,
  });
  const { paths, components } = JSON.parse(stdout) as Document;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method as Route['method'],
      path,
      access: operation.security?.length === 0 ? null : (operation['x-access'] ?? {}),
      body: sampleBody(operation.requestBody?.content['application/json'], components.schemas),
      fields: fieldsOf(operation.requestBody?.content['application/json']?.schema, components.schemas),
      query: (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .map(({ name, schema, example }) => ({
          name,
          samples: (schema.enum ?? schema.items?.enum ?? [example ?? schema.example ?? schema.default]).map(String),
        })),
    })),
  );
}

function fieldsOf(schema: Schema | undefined, schemas: Record<string, Schema>): Record<string, unknown> {
  const { properties = {} } = schema?.$ref ? (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : (schema ?? {});
  return Object.fromEntries(Object.entries(properties).map(([name, { example }]) => [name, example]));
}

function sampleBody(body: Body | undefined, schemas: Record<string, Schema>): object | undefined {
  if (!body) return undefined;
  const [first] = Object.values(body.examples ?? {});
  return (body.example ?? first?.value ?? sampleOf(body.schema, schemas)) as object;
}

/** A value of the schema: its example, else what it must have at least. */
function sampleOf(schema: Schema, schemas: Record<string, Schema>): unknown {
  const given = [schema.example, schema.examples?.[0], schema.default, schema.enum?.[0]];
  const sample = given.find((value) => value !== undefined);
  if (sample !== undefined) return sample;
  if (schema.$ref) return sampleOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  const parts = schema.allOf ?? schema.oneOf?.slice(0, 1);
  if (parts) return Object.assign({}, ...parts.map((part) => sampleOf(part, schemas)));
  if (schema.type === 'array') return schema.items ? [sampleOf(schema.items, schemas)] : [];
  if (schema.type === 'boolean') return false;
  if (schema.format === 'date-time') return '2030-01-31T09:00:00Z';
  const required = schema.required ?? [];
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => required.includes(name))
      .map(([name, inner]) => [name, sampleOf(inner, schemas)]),
  );
}
