import { TransformationType } from 'class-transformer';
import type { TransformFnParams } from 'class-transformer';
import { defaultMetadataStorage as storage } from 'class-transformer/cjs/storage.js';
import { asSent } from '../decorators/raw-json.decorator.js';
import { ruledFields } from './fast-validate.js';

type Class = new () => object;
type Transform = (params: TransformFnParams) => unknown;

/** What class-transformer does to one field. */
interface FieldReading {
  isRaw: boolean;
  /** The class of what it holds. */
  inner: Class | undefined;
  transforms: Transform[];
}

type ClassReading = ReadonlyMap<string, FieldReading>;

const toClass = TransformationType.PLAIN_TO_CLASS;
const known = new Map<Class, ClassReading | null>();

/**
 * The instance that class-transformer would make of a JSON object. It looks for what it might have to do to each value, in
 * each object anew; here that is done once for each class. Undefined: ask class-transformer, for the class or what was sent
 * is not of the plain kind.
 */
export function readQuickly(target: Class, sent: object): object | undefined {
  const reading = readingOf(target);
  if (!reading) return undefined;
  const read = new target() as Record<string, unknown>;
  for (const key of Object.keys(sent)) {
    const field = reading.get(key);
    if (!field) return undefined;
    const value = (sent as Record<string, unknown>)[key];
    if (field.isRaw) read[key] = value;
    else {
      const inner = typeof value === 'object' && value !== null ? readInner(field, value) : value;
      if (inner === undefined) return undefined;
      read[key] = transformed(field, inner, key, sent);
    }
  }
  return read;
}

/** Undefined for what is not of the field's class, or of none. */
function readInner({ inner }: FieldReading, value: object): unknown {
  if (!inner) return undefined;
  if (!Array.isArray(value)) return readQuickly(inner, value);
  const read: object[] = [];
  for (const one of value as unknown[]) {
    const made = typeof one === 'object' && one !== null && !Array.isArray(one) ? readQuickly(inner, one) : undefined;
    if (!made) return undefined;
    read.push(made);
  }
  return read;
}

function transformed({ transforms }: FieldReading, value: unknown, key: string, obj: object): unknown {
  let result = value;
  for (const transform of transforms) result = transform({ value: result, key, obj, type: toClass, options: {} });
  return result;
}

function readingOf(target: Class): ClassReading | null {
  const found = known.get(target);
  if (found !== undefined) return found;
  const names = ruledFields(target);
  const isPlain =
    storage.getExposedMetadatas(target).length === 0 &&
    storage.getExcludedMetadatas(target).length === 0 &&
    storage.getStrategy(target) === 'none';
  const fields = names?.map((name) => [name, fieldReading(target, name)] as const) ?? [];
  const made = isPlain && names && fields.every(([, field]) => field) ? (new Map(fields) as ClassReading) : null;
  known.set(target, made);
  return made;
}

/** Undefined where its value might be converted. */
function fieldReading(target: Class, name: string): FieldReading | undefined {
  const transforms = storage
    .findTransformMetadatas(target, name, toClass)
    .map(({ transformFn }) => transformFn as Transform);
  if (transforms.length === 1 && transforms[0] === asSent) return { isRaw: true, inner: undefined, transforms: [] };
  // Of a field without a type this is undefined, whatever the library's types say.
  const typed = storage.findTypeMetadata(target, name) as ReturnType<typeof storage.findTypeMetadata> | undefined;
  if (!typed) return { isRaw: false, inner: undefined, transforms };
  const inner = typed.options.discriminator ? undefined : (typed.typeFunction() as Class);
  return inner && ruledFields(inner) ? { isRaw: false, inner, transforms } : undefined;
}
