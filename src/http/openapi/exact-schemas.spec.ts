import { describe, expect, it } from '@jest/globals';
import { makeExact } from './exact-schemas.js';

describe('makeExact', () => {
  it('makes numbers whole and lets null be among the values of what is nullable', () => {
    const shared = ['a', 'b'];
    const document = {
      properties: {
        whole: { type: 'number', example: { type: 'number' } },
        share: { type: 'number', format: 'double' },
        word: { type: 'string', enum: [...shared], nullable: true },
        told: { type: 'string', enum: ['a', null], nullable: true },
        sure: { type: 'string', enum: [...shared] },
        list: { type: 'array', items: { type: 'number' } },
      },
    };
    makeExact(document);
    expect(document.properties).toEqual({
      whole: { type: 'integer', example: { type: 'number' } },
      share: { type: 'number', format: 'double' },
      word: { type: 'string', enum: ['a', 'b', null], nullable: true },
      told: { type: 'string', enum: ['a', null], nullable: true },
      sure: { type: 'string', enum: ['a', 'b'] },
      list: { type: 'array', items: { type: 'integer' } },
    });
  });
});
