/** What of an OpenAPI 3.0 schema is checked here. Anything else in one is a fault of the check. */
export interface CheckedSchema {
  $ref?: string;
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  allOf?: CheckedSchema[];
  oneOf?: CheckedSchema[];
  items?: CheckedSchema;
  properties?: Record<string, CheckedSchema>;
  required?: string[];
  additionalProperties?: boolean | CheckedSchema;
}

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value;
};
const isInstant = (value: unknown): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value));

/**
 * Where a value differs from its schema, read strictly: members that are not named are faults, and so is null where it is not
 * allowed, also by an enumeration without it.
 */
export function deviations(
  value: unknown,
  schema: CheckedSchema,
  schemas: Record<string, CheckedSchema>,
  at = '',
): string[] {
  if (schema.$ref) {
    const named = schemas[schema.$ref.split('/').at(-1) ?? ''];
    return named ? deviations(value, named, schemas, at) : [`${at}: ${schema.$ref} is not there`];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is not in the enumeration`];
  if (schema.oneOf) {
    const fitting = schema.oneOf.filter((one) => deviations(value, one, schemas, at).length === 0);
    return fitting.length > 0 ? [] : [`${at}: fits none of oneOf`];
  }
  if (value === null) return schema.nullable || !(schema.type ?? schema.allOf) ? [] : [`${at}: null`];
  if (schema.allOf) return schema.allOf.flatMap((part) => deviations(value, part, schemas, at));
  if (schema.type === undefined) return [];
  const type = typeOf(value);
  if (type !== schema.type && !(type === 'integer' && schema.type === 'number'))
    return [`${at}: ${type} instead of ${schema.type}`];
  if (schema.format === 'date-time' && !isInstant(value)) return [`${at}: no date-time`];
  if (Array.isArray(value))
    return value.flatMap((inner, index) => deviations(inner, schema.items ?? {}, schemas, `${at}/${index}`));
  return type === 'object' ? inObject(value as Record<string, unknown>, schema, schemas, at) : [];
}

function inObject(
  value: Record<string, unknown>,
  { properties = {}, required = [], additionalProperties = false }: CheckedSchema,
  schemas: Record<string, CheckedSchema>,
  at: string,
): string[] {
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}/${name}: missing`);
  const wrong = Object.entries(value).flatMap(([name, inner]) => {
    const known = properties[name];
    if (known) return deviations(inner, known, schemas, `${at}/${name}`);
    if (typeof additionalProperties === 'object')
      return deviations(inner, additionalProperties, schemas, `${at}/${name}`);
    return additionalProperties ? [] : [`${at}/${name}: not named`];
  });
  return [...missing, ...wrong];
}
