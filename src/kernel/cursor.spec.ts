import { describe, expect, it } from '@jest/globals';
import { cursorAt, positionOf } from './cursor.js';

const parts = [/^\d+$/, /^[a-z]+$/];
const query = { userId: 'u', from: new Date(0) };
const cursor = cursorAt(['42', 'abc'], query);
const refused = expect.objectContaining({ kind: 'invalid', code: 'INVALID_CURSOR' });

describe('a cursor', () => {
  it('gives back its position for the query that it was made for', () => {
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(positionOf(cursor, query, parts)).toEqual(['42', 'abc']);
    expect(positionOf(cursor, { from: new Date(0), userId: 'u' }, parts)).toEqual(['42', 'abc']);
  });

  it.each([
    ['of another query', cursor, { userId: 'v' }],
    ['cut', cursor.slice(0, -2), query],
    ['in another spelling', `${cursor}=`, query],
    ['with text after its end', `${cursor}AAAA`, query],
    ['with a part of another form', cursorAt(['42', "abc'; DROP TABLE jobs"], query), query],
    ['with one part missing', cursorAt(['42'], query), query],
    ['that is not a cursor', 'x', query],
    ['that is empty', '', query],
  ])('%s is refused', (_, given, asked) => {
    expect(() => positionOf(given, asked, parts)).toThrow(refused);
  });
});
