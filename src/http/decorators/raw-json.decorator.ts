import { applyDecorators } from '@nestjs/common';
import { Exclude, Transform, Type } from 'class-transformer';
import type { TransformFnParams } from 'class-transformer';

/** Names of the fields that are handed over as they were sent. */
export const rawFields = new Set<PropertyKey>();

@Exclude()
class Untouched {}

/** Recognisable by those who read without class-transformer. */
export const asSent = ({ obj, key }: Pick<TransformFnParams, 'obj' | 'key'>): unknown =>
  (obj as Record<string, unknown>)[key];

/**
 * Hands a field over exactly as it was sent. class-transformer would copy it deeply, leave out keys such as `constructor`,
 * and fail on some values of them.
 */
export const RawJson = (): PropertyDecorator =>
  applyDecorators(
    (_target: object, key: PropertyKey) => void rawFields.add(key),
    Type(() => Untouched),
    Transform(asSent),
  );
