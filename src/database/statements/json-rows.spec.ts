import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonRows } from './json-rows.js';

/** As PostgreSQL reads it: what a row does not say is as in what all have in common. */
const read = ({ common, rows }: { common: string; rows: string }): object[] =>
  (JSON.parse(rows) as object[]).map((row) => ({ ...(JSON.parse(common) as object), ...row }));

const value = fc.oneof(
  fc.constantFrom(undefined, 'a', 1, true, 'a "quoted" one'),
  fc.date({ noInvalidDate: true }),
  fc.dictionary(fc.string(), fc.integer()),
);
const row = fc.record({ id: fc.uuid(), name: value, created_at: value, payload: value });

describe('jsonRows', () => {
  it('says what each row says, whatever they have in common', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        expect(read(jsonRows(rows))).toEqual(JSON.parse(JSON.stringify(rows)));
      }),
    );
  });

  it('tells once what all have in common, times and objects too', () => {
    const payload = { url: 'https://example.com' };
    const rowOf = (id: string) => ({ id, at: new Date(0), payload, left_out: undefined });
    expect(jsonRows([rowOf('a'), rowOf('b')])).toEqual({
      common: '{"at":"1970-01-01T00:00:00.000Z","payload":{"url":"https://example.com"}}',
      rows: '[{"id":"a"},{"id":"b"}]',
    });
  });

  it('lets one row say nothing that the other says', () => {
    expect(read(jsonRows([{ note: 'a' }, { note: undefined }]))).toEqual([{ note: 'a' }, {}]);
  });
});
