import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Exclude, Transform, Type, plainToInstance } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { RawJson } from '../decorators/raw-json.decorator.js';
import { readQuickly } from './fast-transform.js';

class Inner {
  @IsOptional()
  @IsInt()
  depth?: number | null;
}

class Base {
  @IsOptional()
  @RawJson()
  @IsObject()
  payload?: object;
}

class Outer extends Base {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
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

  @IsOptional()
  @IsString({ each: true })
  tags?: string[];
}

class Converting {
  @IsInt()
  @Type(() => Number)
  count!: number;
}

class Hiding {
  @IsString()
  shown!: string;

  @IsString()
  @Exclude()
  hidden!: string;
}

const value = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', ' a ', 0, 5, 1.5),
  fc.array(fc.constantFrom('a', 1, null, [], {}, { depth: 3 }, { depth: ' 3 ' })),
  fc.constantFrom({}, { depth: 3 }, { depth: null }, { other: 1 }, { constructor: 1 }, { deep: { constructor: [] } }),
);
const sent = fc.dictionary(fc.constantFrom('payload', 'name', 'inner', 'many', 'tags', 'unknown'), value, {
  noNullPrototype: true,
});

describe('readQuickly', () => {
  it('makes what class-transformer makes, or nothing', () => {
    fc.assert(
      fc.property(sent, (plain) => {
        const read = readQuickly(Outer, plain);
        if (!read) return;
        expect(read).toBeInstanceOf(Outer);
        expect(JSON.stringify(read)).toBe(JSON.stringify(Object.assign(plainToInstance(Outer, plain), raw(plain))));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads what is sent as a rule', () => {
    const read = readQuickly(Outer, { name: ' a ', payload: { constructor: 1 }, inner: { depth: 1 }, many: [{}, {}] });
    expect(read).toEqual({ name: 'a', payload: { constructor: 1 }, inner: { depth: 1 }, many: [{}, {}] });
    const { inner, many } = read as Outer;
    for (const one of [inner, ...(many ?? [])]) expect(one).toBeInstanceOf(Inner);
  });

  it.each([
    ['a field without rules', Outer, { name: 'a', other: 1 }],
    ['a list where nothing says of what', Outer, { name: 'a', tags: ['x'] }],
    ['a list of anything but objects', Outer, { name: 'a', many: [1] }],
    ['a key that every object has', Outer, { name: 'a', constructor: 1 }],
    ['a field that is converted', Converting, { count: '1' }],
    ['a field that is left out', Hiding, { shown: 'a', hidden: 'b' }],
    ['a class without rules', Date, {}],
  ])('leaves %s to class-transformer', (_, target: new () => object, plain) => {
    expect(readQuickly(target, plain)).toBeUndefined();
  });
});

/** class-transformer hands it over as it is, and so must the other. */
const raw = ({ payload }: Record<string, unknown>): object => (payload === undefined ? {} : { payload });
