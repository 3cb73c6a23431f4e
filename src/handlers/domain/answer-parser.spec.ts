import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerParser } from './answer-parser.js';

const parse = (pieces: readonly Buffer[], method = 'GET') => {
  const told = { status: 0, body: '', problem: undefined as string | undefined, ends: 0, failure: '' };
  const parser = new AnswerParser(method, {
    onHead: ({ status }) => void (told.status = status),
    onData: (data) => void (told.body += data.toString('latin1')),
    onEnd: (problem) => Object.assign(told, { problem, ends: told.ends + 1 }),
    onFailure: ({ message }) => Object.assign(told, { failure: message, ends: told.ends + 1 }),
  });
  for (const piece of pieces) parser.push(piece);
  parser.end('It ended.');
  return told;
};

/** The bytes, cut at these places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place));
}

const body = fc.array(fc.string({ unit: 'binary-ascii', maxLength: 20 }), { maxLength: 5 });
const places = fc.array(fc.nat(), { maxLength: 30 });
const chunksOf = (parts: readonly string[]): string =>
  [...parts.filter((part) => part !== ''), ''].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');

describe('AnswerParser', () => {
  it('reads the same, however the bytes are cut', () => {
    fc.assert(
      fc.property(body, places, fc.integer({ min: 0, max: 3 }), fc.boolean(), (parts, cuts, interim, isChunked) => {
        const text = parts.join('');
        const framed = isChunked
          ? `Transfer-Encoding: chunked\r\n\r\n${chunksOf(parts)}`
          : `Content-Length: ${text.length}\r\n\r\n${text}`;
        const bytes = Buffer.from(
          `${'HTTP/1.1 100 Go on\r\n\r\n'.repeat(interim)}HTTP/1.1 200 OK\r\n${framed}`,
          'latin1',
        );
        const told = { status: 200, body: text, problem: undefined, ends: 1, failure: '' };
        expect(parse(cutAt(bytes, cuts))).toEqual(told);
      }),
    );
  });

  it('ends exactly once, with a status or without, whatever comes', () => {
    const pieces = [
      ...[
        'HTTP/1.1 ',
        '200',
        ' OK',
        '\r\n',
        '\n',
        '\r\n\r\n',
        'Content-Length: ',
        'Transfer-Encoding: chunked',
        '5',
        '100 x',
      ],
      ...[
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 204 x\r\n\r\n',
        ':',
        ' ',
        '\0',
        'ffffffffffffff',
        '-1',
        ';',
        'x'.repeat(20_000),
      ],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), places, (parts, cuts) => {
        const told = parse(cutAt(Buffer.from(parts.join(''), 'latin1'), cuts));
        expect(told.ends).toBe(1);
        expect(told.status === 0).toBe(told.failure !== '');
      }),
    );
  });
});
