import { describe, expect, it } from '@jest/globals';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { readJsonBody } from './json-body.js';

const limits = { maxDepth: 32, maxKeys: 10_000 };
const read = (text: string, type: string | undefined = 'application/json') =>
  readJsonBody(type, Buffer.from(text), limits);

describe('readJsonBody', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/json ;',
  ])('reads %s', (type) => {
    expect(read('{"a":1}', type)).toEqual({ a: 1 });
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-7',
    'application/json; charset=latin1',
    'application/jsonp',
    '',
  ])('answers 415 for "%s"', (type) => {
    expect(() => read('{}', type)).toThrow(UnsupportedMediaTypeException);
  });

  it('takes no bytes for no body, whatever the type', () => {
    expect(read('')).toBeUndefined();
    expect(read('', 'text/plain')).toBeUndefined();
  });

  it('skips a byte order mark', () => {
    expect(readJsonBody('application/json', Buffer.from('\ufeff{"a":1}'), limits)).toEqual({ a: 1 });
  });

  it('takes the last of two equal keys', () => {
    expect(read('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it.each(['{', '{a:1}', "{'a':1}", '[1,]', 'NaN', '01', '"\u0000"', '{"a":1}{}'])(
    'answers MALFORMED_JSON for %s',
    (text) => {
      expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'MALFORMED_JSON' }));
    },
  );

  it('answers MALFORMED_JSON for bytes that are not UTF-8', () => {
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    expect(() => readJsonBody('application/json', bytes, limits)).toThrow(
      expect.objectContaining({ code: 'MALFORMED_JSON' }),
    );
  });

  it('names what cannot be stored and where', () => {
    expect(() => read('{"jobs":[{"name":"a\\u0000"}]}')).toThrow(
      expect.objectContaining({
        code: 'INVALID_CHARACTER',
        extra: { errors: [{ pointer: '/jobs/0/name', detail: expect.stringContaining('NUL') }] },
      }),
    );
  });
});
