import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Type, plainToInstance } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  ValidateIf,
  ValidateNested,
  validate,
} from 'class-validator';
import fc from 'fast-check';
import { isSurelyValid } from './fast-validate.js';

class Inner {
  @IsOptional()
  @IsInt()
  @Max(9)
  depth?: number | null;
}

class Base {
  @IsOptional()
  @IsString({ each: true })
  tags?: string[];

  @Allow()
  anything?: unknown;
}

class Outer extends Base {
  @IsString()
  @Length(1, 3)
  name!: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Inner)
  many?: Inner[];

  @ValidateIf((object: Outer) => object.name === 'num')
  @IsInt()
  count?: number;
}

class Grouped {
  @IsInt({ groups: ['late'] })
  count!: number;
}

const value = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', 'a', 'num', 'toolong', 0, 5, 12, 1.5),
  fc.array(fc.constantFrom('a', 1, null, {}, { depth: 3 }, { depth: 30 })),
  fc.constantFrom({}, { depth: 3 }, { depth: 'x' }, { depth: null }, { other: 1 }),
);
const fields = ['tags', 'anything', 'name', 'inner', 'many', 'count', 'unknown'];
const sent = fc.dictionary(fc.constantFrom(...fields), value, { noNullPrototype: true });

const faultsOf = (object: object) => validate(object, { whitelist: true, forbidNonWhitelisted: true });
const outer = (plain: object): Outer => plainToInstance(Outer, plain);

describe('isSurelyValid', () => {
  it('says of an object what class-validator says', async () => {
    await fc.assert(
      fc.asyncProperty(sent, async (plain) => {
        const faults = await faultsOf(outer(plain));
        expect(isSurelyValid(outer(plain))).toBe(faults.length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ name: 'a' }],
    [{ name: 'abc', tags: ['x', 'y'], anything: { at: 'all' }, inner: { depth: 9 }, many: [{}, { depth: null }] }],
    [{ name: 'num', count: 3 }],
  ])('takes %j', (plain) => {
    expect(isSurelyValid(outer(plain))).toBe(true);
  });

  it('leaves to class-validator what it does not understand', () => {
    expect(isSurelyValid(plainToInstance(Grouped, { count: 'no number' }))).toBe(false);
    expect(isSurelyValid({ name: 'a' })).toBe(false);
  });
});
