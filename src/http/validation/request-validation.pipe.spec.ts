import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  ValidateNested,
} from 'class-validator';
import { RawJson } from '../decorators/raw-json.decorator.js';
import { PageQueryDto } from '../dto/page-query.dto.js';
import { BodyMeanings } from './body-meanings.js';
import { RequestValidationPipe } from './request-validation.pipe.js';

class Job {
  @IsString()
  name!: string;

  @IsIn(['one_time', 'recurring'])
  type!: string;

  @IsOptional()
  @IsInt()
  @Max(100)
  maxRetries?: number;

  @IsOptional()
  @RawJson()
  @IsObject()
  payload?: Record<string, unknown>;
}

class Bulk {
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => Job)
  jobs!: Job[];
}

const pipe = new RequestValidationPipe(new BodyMeanings());
const body = (value: unknown, metatype: new () => object = Job) => pipe.transform(value, { type: 'body', metatype });
const query = (value: unknown) => pipe.transform(value, { type: 'query', metatype: PageQueryDto });
const refusal = (work: unknown) =>
  Promise.resolve(work).then(
    () => 'accepted',
    (error: unknown) => {
      const { code, extra } = error as { code?: string; extra?: { errors?: unknown } };
      return { code, errors: extra?.errors };
    },
  );

describe('RequestValidationPipe', () => {
  it('answers an instance of the DTO', async () => {
    const job = await body({ name: 'a', type: 'one_time' });
    expect(job).toBeInstanceOf(Job);
    expect(job).toEqual({ name: 'a', type: 'one_time' });
  });

  it('says which fields are missing and, where there is a list, what they may be', async () => {
    expect(await refusal(body({}))).toEqual({
      code: 'VALIDATION',
      errors: [
        { pointer: '/name', detail: 'name is required.' },
        {
          pointer: '/type',
          detail: 'type is required; type must be one of the following values: one_time, recurring.',
        },
      ],
    });
    expect(await refusal(body(undefined))).toEqual(await refusal(body({})));
  });

  it('names a field that does not exist, and those that do', async () => {
    expect(await refusal(body({ name: 'a', type: 'one_time', 'a/b': 1 }))).toEqual({
      code: 'VALIDATION',
      errors: [{ pointer: '/a~1b', detail: 'there is no field "a/b" here; known: name, type, maxRetries, payload.' }],
    });
  });

  it('points into the elements of an array', async () => {
    const jobs = [{ name: 'a', type: 'one_time' }, { name: 'b', type: 'x', extra: 1 }, 5];
    expect(await refusal(body({ jobs }, Bulk))).toMatchObject({
      errors: [
        { pointer: '/jobs/1/extra' },
        { pointer: '/jobs/1/type', detail: 'type must be one of the following values: one_time, recurring.' },
        expect.objectContaining({ pointer: expect.stringMatching(/^\/jobs\/2/) }),
      ],
    });
  });

  it('converts nothing in a body', async () => {
    for (const maxRetries of ['5', true, [1], '5; drop table', 1.5, Number.MAX_SAFE_INTEGER])
      expect(await refusal(body({ name: 'a', type: 'one_time', maxRetries }))).toMatchObject({
        errors: [{ pointer: '/maxRetries' }],
      });
  });

  it('names the type, once, to a value of another', async () => {
    const sent = { name: 5, type: 'one_time', maxRetries: '3', payload: [] };
    expect(await refusal(body(sent))).toMatchObject({
      errors: [
        { pointer: '/name', detail: 'name must be a string.' },
        { pointer: '/maxRetries', detail: 'maxRetries must be a whole number up to 100.' },
        { pointer: '/payload', detail: 'payload must be an object.' },
      ],
    });
    for (const jobs of ['x', {}, 5, true])
      expect(await refusal(body({ jobs }, Bulk))).toMatchObject({
        errors: [{ pointer: '/jobs', detail: 'jobs must be a list.' }],
      });
    expect(await refusal(query({ limit: '10.5' }))).toMatchObject({
      errors: [{ pointer: '/limit', detail: 'limit must be a whole number from 1 to 100.' }],
    });
    expect(await refusal(body({ name: 'a', type: 'one_time', maxRetries: 101 }))).toMatchObject({
      errors: [{ detail: 'maxRetries must not be greater than 100.' }],
    });
  });

  it.each([null, [], 5, '', 'text', true])('refuses %p where an object is needed', async (value) => {
    expect(await refusal(body(value))).toEqual({
      code: 'VALIDATION',
      errors: [{ pointer: '', detail: 'The body must be a JSON object.' }],
    });
  });

  it('hands raw fields over as they were sent', async () => {
    const payload = { constructor: { prototype: { polluted: 1 } }, then: 'x', deep: [{ constructor: 'Ferrari' }] };
    expect(await body({ name: 'a', type: 'one_time', payload })).toMatchObject({ payload });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each([
    [{ constructor: 'x' }, '/constructor'],
    [{ name: { constructor: 'x' } }, '/name/constructor'],
    [{ jobs: [{ constructor: {} }] }, '/jobs/0/constructor'],
    [{ nothing: { payload: { payload: { constructor: 1 } } } }, '/nothing/payload/payload/constructor'],
  ])('refuses the key constructor elsewhere: %j', async (value, pointer) => {
    expect(await refusal(body(value, Bulk))).toMatchObject({ code: 'FORBIDDEN_KEY', errors: [{ pointer }] });
  });

  it('reads numbers of a query, and fills in what is not given', async () => {
    expect(await query({ page: '3', limit: '100' })).toEqual({ page: 3, limit: 100 });
    expect(await query({})).toEqual({ page: 1, limit: 20 });
  });

  it.each(['-1', '0', '101', '1e1', '0x10', '1e21', 'abc', '', ' 5', '1.5', ['1', '100']])(
    'refuses limit=%p',
    async (limit) => {
      expect(await refusal(query({ limit }))).toMatchObject({ errors: [{ pointer: '/limit' }] });
    },
  );
});

describe('a list that is too long', () => {
  class Short {
    @IsArray()
    @ArrayMaxSize(2)
    @ValidateNested({ each: true })
    @Type(() => Job)
    jobs!: Job[];
  }

  it('is refused before anything reads its elements', async () => {
    let read = 0;
    const watched = () => Object.defineProperty({}, 'name', { enumerable: true, get: () => (read += 1) });
    const jobs = [watched(), watched(), watched()];
    await expect(refusal((async () => body({ jobs }, Short))())).resolves.toEqual({
      code: 'VALIDATION',
      errors: [{ pointer: '/jobs', detail: 'jobs must contain no more than 2 elements; it has 3.' }],
    });
    expect(read).toBe(0);
  });
});
