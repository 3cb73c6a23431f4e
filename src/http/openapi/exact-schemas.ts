/** The parts of a schema that say what a value may be. */
interface Schema {
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
}

/** Not schemas: what stands in them is an example of data. */
const data = new Set(['example', 'examples', 'default', 'enum']);

/**
 * Says in every schema of a document what TypeScript does not: a number is a whole one, unless it has the format `double`; and
 * null is among the values of an enumeration that is nullable (OpenAPI 3.0.3, "Schema Object", `nullable`).
 */
export function makeExact(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as Schema;
  if (schema.type === 'number' && schema.format !== 'double') schema.type = 'integer';
  if (schema.nullable === true && Array.isArray(schema.enum) && !schema.enum.includes(null))
    schema.enum = [...schema.enum, null];
  for (const [key, inner] of Object.entries(part)) if (!data.has(key)) makeExact(inner);
}

/** A number that need not be whole. */
export const anyNumber = { type: 'number', format: 'double' } as const;

/** What may be any JSON value. */
export const anyJson = {
  oneOf: [
    { type: 'object', additionalProperties: true, nullable: true },
    { type: 'array', items: {} },
    { type: 'string' },
    anyNumber,
    { type: 'boolean' },
  ],
};
