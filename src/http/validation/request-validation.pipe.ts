import { Injectable, ValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import type { ValidationError, ValidatorOptions } from 'class-validator';
import { invalid } from '../../kernel/errors.js';
import type { FieldProblem } from '../../kernel/errors.js';
import { isJsonObject } from '../../kernel/json.js';
import { rawFields } from '../decorators/raw-json.decorator.js';
import { escapePointer } from '../../kernel/json-pointer.js';
import { BodyMeanings } from './body-meanings.js';
import { readQuickly } from './fast-transform.js';
import { isSurelyValid } from './fast-validate.js';
import { refuseLongLists } from './list-limits.js';
import { namesOfEveryObject, problemsOf } from './validation-problems.js';

/**
 * Validates bodies and queries against their DTO. Unknown fields are refused; nothing is converted that a DTO does not say.
 * @throws `VALIDATION` (400) with a pointer for each fault
 */
@Injectable()
export class RequestValidationPipe implements PipeTransform<unknown, unknown> {
  private readonly thorough: ThoroughValidation;

  constructor(meanings: BodyMeanings) {
    this.thorough = new ThoroughValidation(meanings);
  }

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    // What a decorator of ours made of the request.
    if (metadata.type === 'custom') return value;
    const { type, metatype } = metadata as ArgumentMetadata & { metatype?: Type<object> };
    const sent = type === 'body' && isJsonObject(value) ? value : undefined;
    if (sent) refuseLongLists(metatype, sent);
    const read = sent && validBody(sent, metatype);
    return read ?? this.thorough.transform(value, metadata);
  }
}

/** The instance where it is surely valid; undefined: what class-transformer and class-validator say of it counts. */
function validBody(sent: object, metatype: Type<object> | undefined): object | undefined {
  const read = metatype && readQuickly(metatype, sent);
  return read && isSurelyValid(read) ? read : undefined;
}

/** Reads and checks everything there is, and says what is wrong. */
class ThoroughValidation extends ValidationPipe {
  constructor(private readonly meanings: BodyMeanings) {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      validationError: { target: true, value: true },
      exceptionFactory: (errors) => new WrongShape(problemsOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isBody = metadata.type === 'body' && this.toValidate(metadata);
    if (isBody && value !== undefined && !isJsonObject(value))
      throw invalid([{ pointer: '', detail: 'The body must be a JSON object.' }]);
    if (isBody || metadata.type === 'query') refuseForeign(value, rawFields);
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (error) {
      if (error instanceof WrongShape && isBody && isJsonObject(value))
        throw invalid(await this.meanings.beside(error.problems, metadata.metatype, value));
      if (error instanceof WrongShape) throw invalid(error.problems);
      // class-transformer takes a field named "constructor" for the class to make; this one is below an unknown field.
      if (error instanceof TypeError) refuseForeign(value, new Set());
      throw error;
    }
  }

  /** The body parser has already refused `__proto__`; other keys are data and stay. */
  protected override stripProtoKeys(): void {}

  protected override validate(
    object: object,
    options?: ValidatorOptions,
  ): Promise<ValidationError[]> | ValidationError[] {
    return isSurelyValid(object) ? [] : super.validate(object, options);
  }

  /** JSON and queries hold no bytes. */
  protected override findNestedBinaryValues(): ValidationError[] {
    return [];
  }
}

class WrongShape extends Error {
  constructor(readonly problems: FieldProblem[]) {
    super('What was sent has the wrong shape.');
  }
}

/**
 * Refuses names that every object has. class-transformer would leave them out or fail on them, and class-validator would
 * take them for known fields, except in fields that neither looks into.
 */
function refuseForeign(value: unknown, except: ReadonlySet<PropertyKey>, parent = ''): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const pointer = `${parent}/${escapePointer(key)}`;
    if (namesOfEveryObject.has(key))
      throw invalid([{ pointer, detail: `the key "${key}" is not allowed here.` }], 'FORBIDDEN_KEY');
    if (!except.has(key)) refuseForeign(inner, except, pointer);
  }
}
